"""What an organisation made of the menu, as one plain document: the part of a card that is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from guidance.deadlines import Deadline
from guidance.menu import Item, LadderStep, Restriction, Step, Text
from guidance.menu_pieces import guarded
from guidance.rules import Condition, read_condition
from guidance.vocabulary import ClosedDay, ItemStatus, Phase

OWN_PREFIX = "E"  # E1, E2 …: "eigen". A number is never used twice


@dataclass(frozen=True)
class ItemChange:
    """What an organisation changed about one item of the menu; None is "as it ships"."""

    is_on: bool = True
    title: Text | None = None
    purpose: Text | None = None
    role: Text | None = None
    deadlines: tuple[Deadline | None, ...] = ()  # one for each step, None: as it ships; or none at all

    def to_data(self) -> dict[str, Any]:
        texts = {name: getattr(self, name) for name in ("title", "purpose", "role")}
        return {
            "is_on": self.is_on,
            **{name: text.to_data() for name, text in texts.items() if text},
            **({"deadlines": [_deadline_data(deadline) for deadline in self.deadlines]} if self.deadlines else {}),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "ItemChange":
        return cls(
            is_on=data.get("is_on", True),
            title=_text(data.get("title")),
            purpose=_text(data.get("purpose")),
            role=_text(data.get("role")),
            deadlines=tuple(_deadline(one) for one in data.get("deadlines", ())),
        )


@dataclass(frozen=True)
class OwnItem:
    """An item that the organisation added itself. It may be off, but its code stays taken."""

    code: str
    phase: Phase
    title: Text
    purpose: Text
    role: Text
    condition: Condition = ()
    deadline: Deadline | None = None
    is_on: bool = True
    is_default: bool = False  # becomes a task at once
    reaches_perpetrator: bool = False
    months: int | None = None  # it restricts someone, and ends after so many at most

    def as_item(self) -> Item:
        """As an item of the menu. Towards the perpetrator only when someone is known, like every other one."""
        return Item(
            code=self.code,
            phase=self.phase,
            status=ItemStatus.OPTIONAL,
            title_text=self.title,
            purpose_text=self.purpose,
            role_text=self.role,
            ground_text=None,
            deadline_text=None,
            law_text=None,
            sources=(),
            condition=guarded(self.condition) if self.reaches_perpetrator else self.condition,
            steps=(Step(self.title, self.deadline),),
            is_default=self.is_default,
            is_own=True,
            reaches_perpetrator=self.reaches_perpetrator,
            against_person=self.reaches_perpetrator,
            restricts=Restriction(self.months, self.months) if self.months and self.reaches_perpetrator else None,
        )

    def to_data(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "phase": self.phase.value,
            "title": self.title.to_data(),
            "purpose": self.purpose.to_data(),
            "role": self.role.to_data(),
            "condition": [[test.to_data() for test in alternative] for alternative in self.condition],
            "deadline": _deadline_data(self.deadline),
            "is_on": self.is_on,
            "is_default": self.is_default,
            "reaches_perpetrator": self.reaches_perpetrator,
            "months": self.months,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "OwnItem":
        return cls(
            code=data["code"],
            phase=Phase(data["phase"]),
            title=Text(**data["title"]),
            purpose=Text(**data["purpose"]),
            role=Text(**data["role"]),
            condition=read_condition(data["condition"]),
            deadline=_deadline(data["deadline"]),
            is_on=data["is_on"],
            is_default=data["is_default"],
            reaches_perpetrator=data["reaches_perpetrator"],
            months=data.get("months"),
        )


@dataclass(frozen=True)
class Changes:
    """All that an organisation made of the menu. Empty: the menu as it ships."""

    items: Mapping[str, ItemChange] = field(default_factory=dict)
    own: Mapping[str, OwnItem] = field(default_factory=dict)
    ladder: Mapping[tuple[int, str], tuple[LadderStep, ...]] = field(default_factory=dict)
    closed_day: ClosedDay = ClosedDay.LUSTRUM

    def to_data(self) -> dict[str, Any]:
        """The document that is kept. Equal changes give equal documents."""
        return {
            "items": {code: self.items[code].to_data() for code in sorted(self.items)},
            "own": [self.own[code].to_data() for code in self.own],
            "ladder": [
                {"severity": cell[0], "occurrence": cell[1], "steps": [_step_data(step) for step in self.ladder[cell]]}
                for cell in sorted(self.ladder)
            ],
            "closed_day": self.closed_day.value,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Changes":
        own = [_readable(one) for one in data.get("own", ())]
        return cls(
            items={code: ItemChange.from_data(one) for code, one in data.get("items", {}).items()},
            own={one.code: one for one in own},
            ladder={
                (cell["severity"], cell["occurrence"]): tuple(_step(step) for step in cell["steps"])
                for cell in data.get("ladder", ())
            },
            closed_day=ClosedDay(data.get("closed_day", ClosedDay.LUSTRUM)),
        )

    def change_of(self, code: str) -> ItemChange:
        return self.items.get(code, ItemChange())

    def with_item(self, code: str, change: ItemChange) -> "Changes":
        """These changes with another one for this item; one that changes nothing is left out."""
        items = {**self.items, code: change}
        if change == ItemChange():
            del items[code]
        return replace(self, items=items)

    def with_own(self, item: OwnItem) -> "Changes":
        return replace(self, own={**self.own, item.code: item})

    def without_own(self, code: str) -> "Changes":
        return replace(self, own={one: item for one, item in self.own.items() if one != code})

    def with_closed_day(self, day: str) -> "Changes":
        return replace(self, closed_day=ClosedDay(day))

    def with_ladder(self, cell: tuple[int, str], steps: tuple[LadderStep, ...] | None) -> "Changes":
        """With other steps in this cell of the ladder; None: as it ships."""
        ladder = {one: kept for one, kept in self.ladder.items() if one != cell}
        return replace(self, ladder=ladder if steps is None else {**ladder, cell: steps})


def _readable(data: Mapping[str, Any]) -> OwnItem:
    """An own item as it was kept. One that no longer fits (a fact or code that is gone) is off and has no conditions:
    a card must never stop people from reporting."""
    try:
        return OwnItem.from_data(data)
    except (ValueError, KeyError, TypeError):
        return OwnItem.from_data({**data, "phase": Phase.REACTION, "condition": [], "deadline": None, "is_on": False})


def _text(data: Mapping[str, str] | None) -> Text | None:
    return Text(**data) if data else None


def _deadline(data: Mapping[str, Any] | None) -> Deadline | None:
    return Deadline(**data) if data else None


def _deadline_data(deadline: Deadline | None) -> dict[str, Any] | None:
    return {"anchor": deadline.anchor, "unit": deadline.unit, "amount": deadline.amount} if deadline else None


def _step(data: Mapping[str, Any]) -> LadderStep:
    return LadderStep(data["item"], tuple(data["months"]) if data.get("months") else None)  # type: ignore[arg-type]


def _step_data(step: LadderStep) -> dict[str, Any]:
    return {"item": step.code, **({"months": list(step.months)} if step.months else {})}
