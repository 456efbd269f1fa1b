"""What differs between two versions of a card, in sentences."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guidance.card import Card
from guidance.changes import Changes
from guidance.deadlines import Deadline
from guidance.explaining import condition_sentences
from guidance.menu import Item, LadderStep
from guidance.vocabulary import ClosedDay, Occurrence, Severity


@dataclass(frozen=True)
class Difference:
    """One change: what it is about (an item's code, or empty), its name, and what changed."""

    code: str
    title: str
    text: str


def differences(before: Changes, after: Changes) -> list[Difference]:
    """All that changed, in the order of the card. Both are laid over the same menu."""
    old, new = Card("before", before), Card("after", after)
    found = [difference for code in new.every for difference in _of_item(code, old, new)]
    found += [
        Difference(code, item.title, _("taken away from the draft"))
        for code, item in old.every.items()
        if code not in new.every
    ]
    for cell, steps in new.ladder.items():
        if old.ladder[cell] != steps:
            name = _("Ladder: %(severity)s, %(occurrence)s") % {
                "severity": Severity(cell[0]).label,
                "occurrence": Occurrence(cell[1]).label,
            }
            found.append(Difference("", name, f"{ladder_text(old.ladder[cell], old)} → {ladder_text(steps, new)}"))
    if before.closed_day != after.closed_day:
        text = f"{ClosedDay(before.closed_day).label} → {ClosedDay(after.closed_day).label}"
        found.append(Difference("", _("5 May is a day off"), text))
    return found


def _of_item(code: str, old: Card, new: Card) -> Iterator[Difference]:
    after = new.every[code]
    if code not in old.every:
        when = "; ".join(condition_sentences(after.condition)) or _("never")
        yield Difference(code, after.title, _("new: %(when)s") % {"when": when})
        return
    before = old.every[code]
    for text in _texts(before, after, (code in old.items, code in new.items)):
        yield Difference(code, after.title, text)


def _texts(before: Item, after: Item, is_on: tuple[bool, bool]) -> Iterator[str]:
    if is_on[0] != is_on[1]:
        yield _("switched on") if is_on[1] else _("switched off")
    for name, old, new in (
        (_("title"), before.title_text, after.title_text),
        (_("explanation"), before.purpose_text, after.purpose_text),
        (_("role"), before.role_text, after.role_text),
    ):
        if old != new:
            yield f"{name}: {old} → {new}"
    for old_step, new_step in zip(before.steps, after.steps, strict=True):
        if old_step.deadline != new_step.deadline:
            yield _("term: %(old)s → %(new)s") % {
                "old": deadline_text(old_step.deadline),
                "new": deadline_text(new_step.deadline),
            }
    if before.condition != after.condition:
        old_text, new_text = ("; ".join(condition_sentences(item.condition)) for item in (before, after))
        yield f"{_('conditions')}: {old_text or _('never')} → {new_text or _('never')}"
    if before.phase != after.phase:
        yield f"{before.phase.label} → {after.phase.label}"
    if before.is_default != after.is_default:
        yield _("becomes a task at once") if after.is_default else _("is only proposed")
    if before.restricts != after.restricts:
        old_end, new_end = (
            _("ends after %(months)s") % {"months": months_text((r.at_most, r.at_most))} if r else _("restricts nobody")
            for r in (before.restricts, after.restricts)
        )
        yield f"{old_end} → {new_end}"
    if before.reaches_perpetrator != after.reaches_perpetrator:
        yield _("goes to the perpetrator") if after.reaches_perpetrator else _("does not go to the perpetrator")


def deadline_text(deadline: Deadline | None) -> str:
    """A term in words: "48 hours after the incident"."""
    if deadline is None:
        return _("no fixed moment")
    amount = deadline.amount
    spans = {
        "h": ngettext("%(amount)s hour", "%(amount)s hours", amount),
        "d": ngettext("%(amount)s day", "%(amount)s days", amount),
        "wd": ngettext("%(amount)s working day", "%(amount)s working days", amount),
        "weeks": ngettext("%(amount)s week", "%(amount)s weeks", amount),
        "months": ngettext("%(amount)s month", "%(amount)s months", amount),
    }
    after = {
        "incident": _("%(span)s after the incident"),
        "report": _("%(span)s after the report"),
        "followed": _("%(span)s after what comes before it"),
    }
    if deadline.unit == "same_day":
        return _("the same day")
    if deadline.unit == "at_once":
        return _("at once")
    return after[deadline.anchor] % {"span": spans[deadline.unit] % {"amount": amount}}


def ladder_text(steps: tuple[LadderStep, ...], card: Card) -> str:
    """The steps of a cell in words: "Written warning; Building ban, 3 to 6 months"."""
    return "; ".join(ladder_step_text(step, card) for step in steps) or _("nothing")


def ladder_step_text(step: LadderStep, card: Card) -> str:
    title = card.every[step.code].title
    return f"{title}, {months_text(step.months)}" if step.months else title


def months_text(months: tuple[int, int]) -> str:
    """ "3 months", "3 to 6 months"."""
    shortest, longest = months
    if shortest == longest:
        return ngettext("%(amount)s month", "%(amount)s months", longest) % {"amount": longest}
    return _("%(shortest)s to %(longest)s months") % {"shortest": shortest, "longest": longest}
