"""The sheet for the police: what it asks, what is still missing, what stands on the paper. Pure.

The seven W's of the PIF [S21]; domicile at the organisation's address, never the victim's [S03][S89]; under number only
where the perpetrator does not know the name, and police or prosecutor decide [S89][S91]; the VPT code, for else the
national agreements (ELA) are not applied by themselves [S87].
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from guidance.facts import Facts
from guidance.vocabulary import Behaviour, Channel, Motive, TargetGroup
from incidents.private_words import holds_private
from incidents.vocabulary import FiledBy, PoliceKind

Answers = dict[str, str]
Lines = tuple[tuple[str, str], ...]  # label, text

PAPER_LANGUAGE = "nl"  # of the paper, whatever the screen speaks: the police read it
SEVEN_WS = {
    "who": gettext_lazy("Who did it?"),
    "what": gettext_lazy("What happened?"),
    "where": gettext_lazy("Where was it?"),
    "with_what": gettext_lazy("With what was it done?"),
    "how": gettext_lazy("In what way was it done?"),
    "when": gettext_lazy("When was it?"),
    "why": gettext_lazy("Why was it done?"),
}
ASKED_FOR = {
    "who": gettext_lazy("who did it, or what the person looked like"),
    "what": gettext_lazy("what happened, in a few sentences"),
    "where": gettext_lazy("where it was"),
    "with_what": gettext_lazy("with what it was done, or that there was nothing"),
    "how": gettext_lazy("in what way it was done, step by step"),
    "when": gettext_lazy("when it was"),
    "why": gettext_lazy("why it was done, or that it is not known"),
}
BESIDE = {
    "function": gettext_lazy("Work of the person hit"),
    "risks": gettext_lazy("Is there still danger?"),
    "witnesses": gettext_lazy("Witnesses, by function or number"),
    "representative": gettext_lazy("Who speaks for the organisation"),
    "companion": gettext_lazy("Who goes along with the person hit"),
    "contact": gettext_lazy("To be reached at the organisation"),
}
TEXTS = (*SEVEN_WS, *BESIDE)
STORY, WITNESS_NAMES, PERSONS = "with_story", "with_witness_names", "persons"
AS_FILED = "as_filed"  # the paper as it went to the police


@dataclass(frozen=True)
class Report:
    """What the report tells, as far as the sheet asks for it. `private`: marks of what must never be on it."""

    facts: Facts
    occurred_at: datetime
    place: str
    description: str
    details: Mapping[str, str]
    private: frozenset[str] = frozenset()


@dataclass(frozen=True)
class File:
    """A file that goes along: not its name, which may name someone."""

    kind: str
    size: int
    received_at: datetime
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One sheet with all that stands on its paper. `victim`: empty where nobody knows who was hit."""

    kind: PoliceKind
    filed_by: FiledBy
    answers: Answers
    reference: str
    organisation: str
    address: str
    victim: str
    is_vpt_code_asked: bool = False
    is_under_number: bool = False
    is_injured: bool | None = None
    has_damage: bool | None = None
    damage: tuple[tuple[Any, str], ...] = ()  # of whom, and how much
    story: str = ""
    persons: tuple[str, ...] = ()
    witness_names: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    files_in_case: int = 0
    at_police: Lines = ()


@dataclass(frozen=True)
class Part:
    """A part of the paper: its title, and its lines."""

    title: str
    lines: Lines


def prefilled(report: Report) -> Answers:
    """The answers as far as the report gives them, in the language that is active. Nothing private comes along."""
    facts, details = report.facts, report.details
    answers = {
        "who": report.description,
        "what": ", ".join(str(Behaviour(code).label) for code in facts.behaviours),
        "where": _where(report),
        "with_what": details.get("means") or (_("No weapon or object") if facts.weapon is False else ""),
        "how": " · ".join(details[name] for name in _ONLINE if details.get(name)),
        "when": " · ".join(filter(None, (_moment(report.occurred_at), details.get("since", "")))),
        "why": str(Motive(facts.motive).label) if facts.motive and facts.motive != Motive.UNKNOWN else "",
        "function": str(TargetGroup(facts.target_group).label),
        "witnesses": _witnesses(facts),
        "risks": _("The threat is still going on.") if facts.ongoing_threat else "",
    }
    return {name: text for name, text in answers.items() if text and not holds_private(text, report.private)}


_ONLINE = ("online_platform", "online_account", "online_address")


def _where(report: Report) -> str:
    """The place, but not where it was someone's own home: the police ask for that themselves."""
    channel = str(Channel(report.facts.channel).label)
    if is_at_home(report.facts):
        return channel
    return ", ".join(filter(None, (channel, report.place)))


def is_at_home(facts: Facts) -> bool:
    """Whether the place that was reported may be the home of the person hit."""
    return facts.channel == Channel.PRIVATE_HOME or facts.home_involved is True


def _witnesses(facts: Facts) -> str:
    if facts.witnesses == 0 and not facts.visitor_witnesses:
        return _("Nobody, as far as is known")
    said = []
    if facts.witnesses:
        said.append(
            ngettext("%(count)s colleague", "%(count)s colleagues", facts.witnesses) % {"count": facts.witnesses}
        )
    if facts.visitor_witnesses:
        number = facts.visitor_witnesses
        said.append(ngettext("%(count)s visitor", "%(count)s visitors", number) % {"count": number})
    return ", ".join(said)


def _moment(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")


def under_number_helps(facts: Facts) -> bool:
    """Only where the perpetrator is known not to know the name [S89][S91]."""
    return facts.perpetrator_knows_victims_name is False


def missing(sheet: Sheet) -> list[str]:
    """What the desk still has to find or do, as parts of a list, in the active language: for the screen only."""
    answers, is_by_victim = sheet.answers, sheet.filed_by == FiledBy.VICTIM
    has_said = {name: bool(answers.get(name)) for name in TEXTS}
    has_said["who"] |= bool(sheet.persons)
    has_said["witnesses"] |= bool(sheet.witness_names)
    lacking = (
        *((not has_said[name], text) for name, text in ASKED_FOR.items()),
        (not sheet.victim, _("who was hit")),
        (not sheet.address, _("the postal address of the organisation: the administrator fills it in")),
        (not is_by_victim and not has_said["representative"], _("who speaks for the organisation")),
        (is_by_victim and not has_said["companion"], _("who goes along with the person hit")),
        (not has_said["contact"], _("who can be reached at the organisation")),
        (not has_said["witnesses"], _("who saw it, or that nobody did")),
        (sheet.is_injured is None, _("whether anyone is injured (yes or no, nothing more)")),
        (sheet.has_damage and not sheet.damage, _("how much the damage is")),
        (sheet.files_in_case and not sheet.files, _("which files go along as evidence")),
        (not sheet.is_vpt_code_asked, _("the VPT code: ask for it at the desk")),
    )
    return [str(text) for is_lacking, text in lacking if is_lacking]


def not_known_yet(sheet: Sheet) -> Lines:
    """What the police must know is not known, in words for them; what only the desk can do about it is not for them."""
    unknown = _("not known yet")
    told = {
        **{name: bool(sheet.answers.get(name)) for name in SEVEN_WS},
        **({"who": True} if sheet.persons else {}),
        **({"what": True} if sheet.story else {}),
    }
    lines = [(str(label), unknown) for name, label in SEVEN_WS.items() if not told[name]]
    if not sheet.victim and not sheet.is_under_number:
        lines.append((_("Person hit"), unknown))
    if sheet.is_injured is None:
        lines.append((_("Anyone injured?"), unknown))
    if sheet.has_damage and not sheet.damage:
        lines.append((_("Damage"), _("there is damage; how much is not known yet")))
    if not sheet.answers.get("witnesses") and not sheet.witness_names:
        lines.append((_("Witnesses"), unknown))
    return tuple(lines)


def paper(sheet: Sheet) -> list[Part]:
    """The paper, part by part, in the active language. What is empty is left out: see `not_known_yet`."""
    parts = [
        Part(_("What this is"), _filled(_about(sheet))),
        Part(_("The seven questions of the police"), _filled(_seven(sheet))),
        Part(_("Person hit and organisation"), _filled(_people(sheet))),
        Part(_("Injury, damage and witnesses"), _filled(_consequences(sheet))),
        Part(_("Files that go along"), tuple(_files(sheet))),
    ]
    return [part for part in parts if part.lines]


def ending(sheet: Sheet) -> list[Part]:
    """What stands under the paper and may change after it went: what the police said, and what is not known yet."""
    parts = [Part(_("At the police"), sheet.at_police), Part(_("Not known yet"), not_known_yet(sheet))]
    return [part for part in parts if part.lines]


def _filled(lines: Iterator[tuple[Any, Any]]) -> Lines:
    return tuple((str(label), str(text)) for label, text in lines if text)


def _about(sheet: Sheet) -> Iterator[tuple[Any, Any]]:
    yield _("Kind"), sheet.kind.label
    yield _("Made by"), sheet.filed_by.label
    yield _("Number at the organisation"), sheet.reference
    yield (
        _("VPT"),
        _(
            "This is aggression against someone with a public task. Please register it with the VPT code, so that the "
            "national agreements (ELA) hold for it."
        ),
    )


def _seven(sheet: Sheet) -> Iterator[tuple[Any, Any]]:
    for name, label in SEVEN_WS.items():
        told = [sheet.answers.get(name, "")]
        if name == "who":
            told += sheet.persons
        if name == "what":
            told.append(sheet.story)
        yield label, "\n\n".join(filter(None, told))


def _people(sheet: Sheet) -> Iterator[tuple[Any, Any]]:
    if sheet.is_under_number:
        yield (
            _("Person hit"),
            _("Asks to be kept under a number, so the name is not here. Police or prosecutor decide."),
        )
    else:
        yield _("Person hit"), sheet.victim
    yield BESIDE["function"], sheet.answers.get("function")
    yield _("Organisation"), sheet.organisation
    if sheet.address:
        label, about = _whose_address(sheet)
        yield label, f"{sheet.organisation}\n{sheet.address}\n{about}"
    for name in ("representative", "companion", "contact", "risks"):
        yield BESIDE[name], sheet.answers.get(name)


def _whose_address(sheet: Sheet) -> tuple[str, str]:
    """Domicile is a choice of the person hit; where the organisation files, that person is a witness, not asked."""
    if sheet.filed_by == FiledBy.VICTIM:
        return _("Address for everything (domicile)"), _("The person hit chooses domicile here; no home address.")
    return _("Address for everything"), _("Post for the person hit goes to this address; no home address.")


def _consequences(sheet: Sheet) -> Iterator[tuple[Any, Any]]:
    yield _("Anyone injured?"), {True: _("yes"), False: _("no"), None: ""}[sheet.is_injured]
    for of, amount in sheet.damage:
        yield _("Damage of the %(whom)s") % {"whom": of}, amount
    witnesses = [sheet.answers.get("witnesses", ""), *sheet.witness_names]
    yield _("Witnesses"), "\n".join(filter(None, witnesses))


def _files(sheet: Sheet) -> Iterator[tuple[str, str]]:
    for number, file in enumerate(sheet.files, 1):
        size = _("%(size)s bytes") % {"size": file.size}
        about = f"{file.kind}, {_moment(file.received_at)}, {size}"
        yield str(number), f"{about}\nSHA-256 {file.sha256}"
