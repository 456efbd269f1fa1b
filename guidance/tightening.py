"""What an organisation may change about an item: law stays on, an agreed norm is only tightened, the rest is free.

Handbook 1.1 and 11: "may switch off O, may tighten A, may not switch off W".
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from guidance.changes import ItemChange
from guidance.deadlines import AT_ONCE, WITHOUT_AMOUNT, Deadline
from guidance.menu import Item
from guidance.vocabulary import ItemStatus

LONGEST = 365  # days: a term that is longer is no term
FREE_DAYS_IN_A_ROW = 5  # in one term of working days: Easter Monday, King's Day, 5 May, Ascension Day, Whit Monday
AMOUNTS = {"h": 24 * 14, "d": LONGEST, "wd": 60, "weeks": 52, "months": 12}


class NotAllowed(ValueError):
    """A change to an item that may not be made. `str()` says why, for the screen."""

    def __init__(self, reason: Any) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return str(self.reason)


LAW_STAYS = _("The law asks for this, so it cannot be switched off.")
NORM_STAYS = _("This is an agreed norm, so it cannot be switched off. You can choose a shorter term.")
NOT_SHORTER = _("This is asked by law or by an agreed norm: the term can be shorter, not longer.")
NOT_A_TERM = _("This is no term that can be used here.")


@dataclass(frozen=True)
class Freedom:
    """What may be done with an item, and a sentence that says why not more."""

    may_be_off: bool
    may_be_longer: bool
    why_not: Any = ""


def freedom_of(item: Item) -> Freedom:
    if item.status == ItemStatus.LAW:
        return Freedom(False, False, LAW_STAYS)
    if item.status == ItemStatus.NORM:
        return Freedom(False, False, NORM_STAYS)
    return Freedom(True, True)


def check_change(item: Item, change: ItemChange) -> None:
    """Raises NotAllowed when the organisation may not make this change to the item as it ships."""
    freedom = freedom_of(item)
    if not change.is_on and not freedom.may_be_off:
        raise NotAllowed(freedom.why_not)
    if change.deadlines and len(change.deadlines) != len(item.steps):
        raise NotAllowed(NOT_A_TERM)
    for step, deadline in zip(item.steps, change.deadlines, strict=False):
        if deadline is not None:
            check_deadline(step.deadline, deadline, may_be_longer=freedom.may_be_longer)


def check_deadline(shipped: Deadline | None, chosen: Deadline, *, may_be_longer: bool) -> None:
    """Raises NotAllowed for a term that cannot be, or (where that is not allowed) is longer than the shipped one."""
    if shipped is None or chosen.anchor != shipped.anchor or not is_term(chosen):
        raise NotAllowed(NOT_A_TERM)
    if not may_be_longer and not is_shorter(chosen, shipped):
        raise NotAllowed(NOT_SHORTER)


def is_term(deadline: Deadline) -> bool:
    if deadline.unit in WITHOUT_AMOUNT:
        return deadline.amount == 0
    return 1 <= deadline.amount <= AMOUNTS.get(deadline.unit, 0)


def is_shorter(chosen: Deadline, shipped: Deadline) -> bool:
    """Whether the chosen term never ends after the shipped one, wherever both begin and whatever days are free.

    Where that hangs on the day it begins (10 working days or 14 days), it is not so.
    """
    if chosen.unit == shipped.unit:
        return chosen.amount <= shipped.amount
    if shipped.unit == "same_day":  # that leaves two hours at the least: reported at 15:00, due at 17:00
        return _has_hours(chosen) and _hours(chosen) <= 2
    if _has_hours(chosen) and _has_hours(shipped):
        return _hours(chosen) <= _hours(shipped)
    if _has_hours(shipped):
        return _hours_at_most(chosen) <= _hours(shipped)
    if _has_hours(chosen):
        return _hours(chosen) <= _hours_at_least(shipped)
    return _days_at_most(chosen) <= _days_at_least(shipped)


def _has_hours(deadline: Deadline) -> bool:
    """Whether it is counted in clock hours. All other terms end at 17:00 of some day, or the same day."""
    return deadline.unit in {"h", "at_once"}


def _hours(deadline: Deadline) -> int:
    return AT_ONCE // timedelta(hours=1) if deadline.unit == "at_once" else deadline.amount


def _hours_at_most(deadline: Deadline) -> int:
    """From midnight to 17:00 so many days on, with the hour that comes twice in autumn."""
    return 24 * _days_at_most(deadline) + 17 + 1


def _hours_at_least(deadline: Deadline) -> int:
    """From just before midnight to 17:00 so many days on, without the hour that spring leaves out."""
    return 24 * (_days_at_least(deadline) - 1) + 17 - 1


def _days_at_least(deadline: Deadline) -> int:
    """How many days after its first day it ends, at the least: from a Sunday, in February, and nothing is free."""
    amount = deadline.amount
    return {
        "same_day": 0,
        "d": amount,
        "weeks": 7 * amount,
        "wd": amount + 2 * ((amount - 1) // 5),
        "months": 365 * amount // 12 - 2,
    }[deadline.unit]


def _days_at_most(deadline: Deadline) -> int:
    """How many days after its first day it ends, at the most: over a weekend and all free days of a spring."""
    amount = deadline.amount
    weekdays = amount + FREE_DAYS_IN_A_ROW
    return {
        "same_day": 0,
        "d": amount,
        "weeks": 7 * amount,
        "wd": weekdays + 2 * ((weekdays - 1) // 5) + 2,
        "months": 31 * amount,
    }[deadline.unit]
