"""What was measured of how accessible the portal is, and the statement that Dutch public bodies have to give about it.

The Besluit digitale toegankelijkheid overheid asks for a statement with a status, A to E [1]. A and B need a complete
investigation by people (WCAG-EM, not older than three years); C one that is planned within six months; D is a
statement without one; E is no statement. What programs measure (accessibility.json, by `make accessibility`) is
evidence for the statement and never enough for A or B. Each organisation gives its own statement with the form at
[2]; this one is filled in as far as the portal knows it.

[1] https://www.digitoegankelijk.nl/toegankelijkheidsverklaring/status
[2] https://www.toegankelijkheidsverklaring.nl/
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

RESULTS = Path(__file__).with_name("accessibility.json")
SOON = timedelta(days=183)  # six months
CRITERIA = 55  # success criteria of levels A and AA in WCAG 2.2
FORM = "https://www.toegankelijkheidsverklaring.nl/"
OMBUDSMAN = "https://www.nationaleombudsman.nl/"


class Status(StrEnum):
    """Only what a portal can say of itself: A and B are for who had it investigated."""

    FIRST_MEASURES = "C"
    NOT_COMPLIANT = "D"

    @property
    def words(self) -> str:
        return str(NAMES[self])


NAMES = {
    Status.FIRST_MEASURES: gettext_lazy("first measures are taken"),
    Status.NOT_COMPLIANT: gettext_lazy("does not comply"),
}


@dataclass(frozen=True)
class Measured:
    """What the tests in a browser found. `pages`: how often each address was looked at."""

    day: date
    axe: str
    pages: dict[str, int]
    widths: list[int]
    languages: list[str]
    rules: dict[str, dict[str, Any]]

    @property
    def looks(self) -> int:
        return sum(self.pages.values())

    @property
    def violations(self) -> int:
        return sum(rule["failed"] for rule in self.rules.values())

    @property
    def unsure(self) -> list[str]:
        """Rules of which axe could not say everywhere whether they hold."""
        return sorted(name for name, rule in self.rules.items() if rule["unsure"])

    @property
    def criteria(self) -> list[str]:
        """The success criteria that rules which found something to look at belong to, as `1.4.3`."""
        tags = {tag for rule in self.rules.values() for tag in rule["tags"]}
        found = {tag.removeprefix("wcag") for tag in tags if tag.startswith("wcag") and tag[4:].isdigit()}
        return sorted((f"{one[0]}.{one[1]}.{one[2:]}" for one in found), key=_in_order)


def _in_order(criterion: str) -> list[int]:
    return [int(part) for part in criterion.split(".")]


@cache
def measured() -> Measured:
    known = json.loads(RESULTS.read_text(encoding="utf-8"))
    day = date.fromisoformat(known["day"])
    return Measured(day, *(known[name] for name in ("axe", "pages", "widths", "languages", "rules")))


def status_on(today: date, research_on: date | None) -> Status:
    """C while an investigation is planned within six months, else D."""
    is_planned = research_on is not None and today <= research_on <= today + SOON
    return Status.FIRST_MEASURES if is_planned else Status.NOT_COMPLIANT


@dataclass(frozen=True)
class Section:
    """One part of the statement: sentences, and points below them."""

    title: str
    sentences: list[str]
    points: tuple[str, ...] = ()


@dataclass(frozen=True)
class Statement:
    """Who gives it, where, and what this installation was told: whom to ask, and when people will investigate it."""

    today: date
    address: str
    organisation: str = ""
    contact: str = ""
    research_on: date | None = None

    @property
    def status(self) -> Status:
        return status_on(self.today, self.research_on)

    def sections(self) -> Iterator[Section]:
        found = measured()
        yield self._status()
        yield _tested(found)
        yield Section(_("What a program cannot see"), _beyond(found))
        yield Section(_("What we know that is not good enough"), [], _known())
        yield self._asking()
        yield self._about(found)

    def _status(self) -> Section:
        name = self.organisation or _("The organisation that offers this portal")
        about = _("%(name)s wants everyone to be able to use this portal: %(address)s.")
        status = _("Status: %(letter)s, %(words)s.") % {"letter": self.status.value, "words": self.status.words}
        if self.status == Status.FIRST_MEASURES and self.research_on:
            why = _("Experts will investigate the whole portal on %(day)s.") % {"day": _day(self.research_on)}
        else:
            why = _("No investigation by experts is planned within six months.")
        done = _(
            "No expert judged the portal yet. A program tests each page, and that is not a complete investigation."
        )
        return Section(
            _("How accessible is this portal?"),
            [
                about % {"name": name, "address": self.address},
                status,
                done,
                why,
                _("The standard is EN 301 549 with WCAG 2.1, levels A and AA. The portal is made for WCAG 2.2."),
            ],
        )

    def _asking(self) -> Section:
        ask = _("Ask the organisation where you work, or the one that wrote to you.")
        return Section(
            _("Does something not work for you?"),
            [
                _("Tell us on which page it was and what you use. We look for another way with you at once."),
                _("Mail or go to: %(contact)s.") % {"contact": self.contact} if self.contact else ask,
                _("Do you get no good answer? Then you can go to the Nationale ombudsman: %(address)s.")
                % {"address": OMBUDSMAN},
                _("Is it urgent? Call your VPD adviser. In danger: call 112."),
            ],
        )

    def _about(self, found: Measured) -> Section:
        return Section(
            _("About this statement"),
            [
                _("The portal made this text from its own tests of %(day)s.") % {"day": _day(found.day)},
                _("It is no statement in the register yet. The organisation makes that one itself: %(address)s.")
                % {"address": FORM},
                _("Someone who may sign for the organisation has to agree with it, once a year."),
            ],
        )


def _tested(found: Measured) -> Section:
    """Figures only; what they are worth stands in the next part."""
    numbers = {
        "pages": len(found.pages),
        "looks": found.looks,
        "rules": len(found.rules),
        "axe": found.axe,
        "widths": _(" and ").join(str(width) for width in found.widths),
        "touched": len(found.criteria),
        "all": CRITERIA,
    }
    outcome = _("It found no mistakes.")
    if count := found.violations:
        outcome = ngettext("It found %(count)s mistake.", "It found %(count)s mistakes.", count) % {"count": count}
    return Section(
        _("What was tested"),
        [
            _("A program (axe-core %(axe)s) looked at %(pages)s kinds of pages, %(looks)s times in all.") % numbers,
            outcome,
        ],
        (
            _("Full, empty and with mistakes in the form; with long words and odd signs."),
            _("In Dutch and in English, on screens of %(widths)s pixels wide.") % numbers,
            _("With %(rules)s rules, which touch %(touched)s of the %(all)s criteria of WCAG 2.2 A and AA.") % numbers,
            _("No page scrolls sideways; many were also tried at 320 pixels, as if enlarged to 400 per cent."),
            _("The keyboard alone reaches all of a report and of signing in."),
            _("Reporting works without JavaScript."),
            _("The words for people who report are plain: level B1, short sentences."),
        ),
    )


def _beyond(found: Measured) -> list[str]:
    """What axe itself left open comes along."""
    said = [
        _("A program sees only a part of what can be wrong. It does not hear a page, and it does not understand it."),
        _("Nobody with a disability tried the portal yet, and nobody with a screen reader."),
    ]
    if found.unsure:
        said.append(
            _("Of these rules the program could not say everywhere whether they hold: %(rules)s.")
            % {"rules": ", ".join(found.unsure)}
        )
    return said


def _known() -> tuple[str, ...]:
    return (
        _("Photos, sound and video that people bring with a report have no description and no subtitles."),
        _("Letters are made from Word files of the organisation. Whether those can be read aloud is up to the file."),
        _("PDF files have tags and a language, but nobody judged them with a screen reader."),
        _("Word, Excel and LibreOffice files that you take along were not tested."),
        _("A passkey, and reporting without signal, need JavaScript. An app and the ordinary form do without."),
        _("Who does nothing for a while is signed out. What was typed is kept; files have to be chosen again."),
        _("The portal speaks Dutch and English. There is no sign language and no text in easy read."),
    )


def _day(day: date) -> str:
    return date_format(day, "j F Y")
