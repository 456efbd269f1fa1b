"""A difference between two answers of the menu, in words. Shared by what other facts and a newer card would do."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from guidance.advice import Advice
from guidance.differences import months_text
from guidance.explaining import reason_text
from guidance.vocabulary import Severity
from incidents.actions.difference import Changed, Difference


@dataclass(frozen=True)
class Coming:
    """An advice that would come, with its reason."""

    advice: Advice
    reason: str
    after: list[str]  # titles of what it waits for


@dataclass(frozen=True)
class Term:
    """A moment that moves; the name of its step where the item has several."""

    step: str
    before: datetime | None
    after: datetime | None


@dataclass(frozen=True)
class Shift:
    """An item that stays, with other terms or other words (label, before, after)."""

    title: str
    terms: list[Term]
    words: list[tuple[str, str, str]]


@dataclass(frozen=True)
class Shown:
    """All that the template writes."""

    adds: list[Coming]
    removes: list[str]
    shifts: list[Shift]
    held: list[str]
    released: list[str]
    severities: tuple[str, str] | None
    is_empty: bool


def shown_difference(found: Difference) -> Shown:
    return Shown(
        adds=_coming(found.adds),
        removes=[item.title for item in found.removes],
        shifts=[_shift(pair) for pair in found.changes],
        held=[item.title for item in found.held],
        released=[item.title for item in found.released],
        severities=found.severities and (_severity(found.severities[0]), _severity(found.severities[1])),
        is_empty=found.is_empty,
    )


def _coming(adds: Iterable[Advice]) -> list[Coming]:
    return [
        Coming(
            advice,
            reason_text((part.to_data() for part in advice.because), advice.item, advice.card.every),
            [advice.card.every[code].title for code in advice.waits_for],
        )
        for advice in adds
    ]


def _shift(pair: Changed) -> Shift:
    return Shift(pair.after.item.title, list(_terms(pair)), list(_words(pair)))


def _terms(pair: Changed) -> Iterator[Term]:
    item = pair.after.item
    for old, new in zip(pair.before.steps, pair.after.steps, strict=False):
        if old.due != new.due:
            yield Term(item.step_title(new.number) if len(item.steps) > 1 else "", old.due, new.due)


def _words(pair: Changed) -> Iterator[tuple[str, str, str]]:
    before, after = pair.before.item, pair.after.item
    for label, old, new in (
        (_("Title"), before.title_text, after.title_text),
        (_("Explanation"), before.purpose_text, after.purpose_text),
        (_("Role"), before.role_text, after.role_text),
    ):
        if old != new:
            yield label, str(old), str(new)
    if pair.before.strength != pair.after.strength:
        yield _("What is asked"), str(pair.before.strength.label), str(pair.after.strength.label)
    if pair.before.months and pair.after.months and pair.before.months != pair.after.months:
        yield _("Ends after"), months_text(pair.before.months), months_text(pair.after.months)


def _severity(level: int) -> str:
    return str(Severity(level).label)
