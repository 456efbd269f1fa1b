"""The codes that stand with an event of the audit log, in words where they have any.

A number of the menu or the name of a column stays what it is. What the page says elsewhere is left out: ids, and the
purpose that was chosen. The file that leaves the portal keeps the codes themselves.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from guidance.facts import FACTS
from incidents.vocabulary.care import DamageKind
from incidents.vocabulary.keeping import DataRequestKind, DataSubject, KeptPart, PieceDecision
from incidents.vocabulary.papers import LetterKind
from incidents.vocabulary.people import IdentifierKind, OpeningPurpose
from vpdportal.accounts.roles import Role

AN_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SEEN_OF_A_SEAL = 12  # signs; enough to compare by eye with a paper, and short enough for a line
NUMBERED = re.compile(r"(?P<what>[a-z]+)[:_](?P<number>\d+)")
NUMBERS: dict[str, Callable[[int], str]] = {
    "rows": lambda number: ngettext("%(number)s row", "%(number)s rows", number),
    "pieces": lambda number: ngettext("%(number)s piece", "%(number)s pieces", number),
    "months": lambda number: ngettext("%(number)s month", "%(number)s months", number),
    "found": lambda _number: _("%(number)s found"),
    "number": lambda _number: _("number %(number)s"),
    "position": lambda _number: _("up to event %(number)s"),
}
MARKED = re.compile(r"(?P<mark>[a-z0-9]+):(?P<text>.+)")
SEALS = ("sha256", "hash")
SHOWN_ELSEWHERE = "purpose"

# By the first half of the action: a code means one thing there, and may mean another thing elsewhere.
WORDS: dict[str, Mapping[str, Any]] = {
    "audit": {
        "person": gettext_lazy("Person"),
        "act": gettext_lazy("What"),
        "number": gettext_lazy("Number of a report"),
        "first": gettext_lazy("From"),
        "last": gettext_lazy("Until and including"),
    },
    "data_request": {
        **dict(DataRequestKind.choices),
        **dict(DataSubject.choices),
        **dict(PieceDecision.choices),
        **dict(IdentifierKind.choices),
        "granted": gettext_lazy("do what is asked"),
        "refused": gettext_lazy("refuse it"),
        "request": gettext_lazy("the request"),
        "pieces": gettext_lazy("the pieces"),
        "copies": gettext_lazy("the copies"),
        "person": gettext_lazy("who asked"),
    },
    "incident": {
        **{name: fact.label for name, fact in FACTS.items()},
        **dict(DamageKind.choices),
        "added": gettext_lazy("added"),
        "removed": gettext_lazy("removed"),
        "kept_out": gettext_lazy("someone is kept out"),
        "let_in": gettext_lazy("someone may see it again"),
        "may_manager_see": gettext_lazy("whether the manager sees it"),
    },
    "letter_template": dict(LetterKind.choices),
    "opening": {"in_order": gettext_lazy("in order"), "not_in_order": gettext_lazy("not in order")},
    "person": {
        **dict(IdentifierKind.choices),
        "hit": gettext_lazy("a measure runs"),
        "none": gettext_lazy("nothing runs"),
    },
    "retention": {**dict(KeptPart.choices), "all": gettext_lazy("all of it")},
    "role": dict(Role.choices),
}
PURPOSES = {"person.opened": OpeningPurpose.values, "person.viewed": OpeningPurpose.values}


def detail_of(action: str, code: str) -> str:
    """What this code of this event says, in the language that is active; empty where it says nothing by itself."""
    if AN_ID.fullmatch(code) or code in PURPOSES.get(action, ()):
        return ""
    words = WORDS.get(action.partition(".")[0], {})
    if code in words:
        return str(words[code])
    if found := NUMBERED.fullmatch(code):
        return _numbered(code, found["what"], int(found["number"]))
    found = MARKED.fullmatch(code)
    return _marked(code, found["mark"], found["text"]) if found else code


def _numbered(code: str, what: str, number: int) -> str:
    return NUMBERS[what](number) % {"number": number} if what in NUMBERS else code


def _marked(code: str, mark: str, text: str) -> str:
    if mark == SHOWN_ELSEWHERE:
        return ""
    if mark in SEALS:
        return _("seal %(start)s…") % {"start": text[:SEEN_OF_A_SEAL]}
    if mark == "until":
        return _until(code, text)
    return text if mark == "file" else code


def _until(code: str, text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return code
    return _("until %(day)s") % {"day": date_format(day, "j F Y")}
