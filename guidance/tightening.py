"""What an organisation may change about an item: law stays on, an agreed norm is only tightened, the rest is free.

Handbook 1.1 and 11: "may switch off O, may tighten A, may not switch off W".
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from guidance.card import ItemChange
from guidance.deadlines import Deadline
from guidance.menu import Item
from guidance.vocabulary import ItemStatus

LONGEST = 365  # days: a term that is longer is no term
SHORTEST_MONTH = 28
# Units in days at the least and at the most, to compare terms of different units. Working days may span a long weekend.
DAYS_AT_LEAST = {"d": 1, "weeks": 7, "months": SHORTEST_MONTH}
DAYS_AT_MOST = {"d": 1, "weeks": 7, "months": 31}
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
    if not may_be_longer and chosen != shipped and not is_shorter(chosen, shipped):
        raise NotAllowed(NOT_SHORTER)


def is_term(deadline: Deadline) -> bool:
    if deadline.unit in {"same_day", "at_once"}:
        return deadline.amount == 0
    return 1 <= deadline.amount <= AMOUNTS.get(deadline.unit, 0)


def is_shorter(chosen: Deadline, shipped: Deadline) -> bool:
    """Whether the chosen term never ends after the shipped one, wherever both begin."""
    if shipped.unit == "at_once":
        return False
    if chosen.unit == "at_once":
        return True
    if chosen.unit == shipped.unit:
        return chosen.amount < shipped.amount
    if chosen.unit == "same_day":
        return shipped.unit in {"wd", "d", "weeks", "months"}
    if chosen.unit in DAYS_AT_MOST and shipped.unit in DAYS_AT_LEAST:
        return chosen.amount * DAYS_AT_MOST[chosen.unit] < shipped.amount * DAYS_AT_LEAST[shipped.unit]
    # Hours against days that end at 17:00: a whole day less is always sooner. A term of working days is never shorter
    # than the same number of days.
    if chosen.unit == "h" and shipped.unit in {"d", "weeks", "months"}:
        return chosen.amount <= 24 * (shipped.amount * DAYS_AT_LEAST[shipped.unit] - 1)
    if chosen.unit == "h" and shipped.unit == "wd":
        return chosen.amount <= 24 * (shipped.amount - 1)
    return chosen.unit == "d" and shipped.unit == "wd" and chosen.amount <= shipped.amount
