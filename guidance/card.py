"""An organisation's menu card, without a database: the menu with what the organisation made of it.

`Changes` is what is kept of a card (a plain document); `Card` is the menu with those changes, ready to advise.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

from guidance.deadlines import Deadline
from guidance.facts import Values
from guidance.menu import Item, Ladder, LadderStep, Menu, Restriction, Rule, Step, Text
from guidance.menu_file import load_menu
from guidance.menu_pieces import guarded
from guidance.rules import Condition, Conditions, Marks, Masks, read_condition, which
from guidance.vocabulary import ClosedDay, ItemStatus, Phase

BAN = "R09"  # the shipped restriction that an own one is treated like
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
            restricts=Restriction(self.months, self.months) if self.months else None,
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
        own = [OwnItem.from_data(one) for one in data.get("own", ())]
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


class Fit(NamedTuple):
    """Why an item stands among the advice: by an alternative of its own condition, or behind other items.

    `waits_for`: no task until one of these is chosen or held.
    """

    alternative: int | None
    waits_for: tuple[str, ...] = ()


class Card:
    """The menu with an organisation's changes, compiled. `version` is what advice carries."""

    def __init__(self, version: str, changes: Changes | None = None, menu: Menu | None = None) -> None:
        self.version = version
        self.changes = changes or Changes()
        self.menu = menu or load_menu()
        shipped = {code: _changed(item, self.changes.change_of(code)) for code, item in self.menu.items.items()}
        own = {code: item.as_item() for code, item in self.changes.own.items()}
        self.every: Mapping[str, Item] = _like_a_ban({**shipped, **own})  # also what is off: a case may still name it
        off = {code for code, change in self.changes.items.items() if not change.is_on}
        off |= {code for code, item in self.changes.own.items() if not item.is_on}
        self.items: Mapping[str, Item] = {code: item for code, item in self.every.items() if code not in off}
        self.ladder: Ladder = {**self.menu.ladder, **self.changes.ladder}

    @classmethod
    def default(cls) -> "Card":
        """The whole menu, as it ships."""
        return _DEFAULT.setdefault("card", cls(load_menu().version))

    @cached_property
    def conditions(self) -> Conditions:
        """Every condition of the card by name: an item's by its code, the others by kind and name."""
        menu = self.menu
        return Conditions(
            {
                **{code: item.condition for code, item in self.items.items()},
                **{f"rule {rule.name}": rule.condition for rule in menu.rules},
                **{f"near {number}": one.condition for number, one in enumerate(menu.nearness)},
                **{f"severity {rule.level}": rule.condition for rule in menu.severities},
                **{f"assumption {assumption.name}": assumption.condition for assumption in menu.assumptions},
                **{f"offence {offence.article}": offence.condition for offence in menu.offences},
            }
        )

    @cached_property
    def followers(self) -> list[Item]:
        return [item for item in self.items.values() if item.follows]

    @cached_property
    def needing(self) -> list[Item]:
        return [item for item in self.items.values() if item.needs]

    def completed(self, values: Values) -> tuple[Values, Marks]:
        """The values with what is taken to follow from them, and their marks. A given fact is never changed."""
        values = dict(values)
        yes, no = self.conditions.marks(values)
        for mask, then in self._assumptions:
            if mask & yes == mask:
                for fact, value, more in then:
                    if fact not in values:
                        values[fact] = value
                        yes |= more[0]
                        no |= more[1]
        return values, (yes, no)

    def proposed_severity(self, yes: int) -> int:
        """The level of the first rule that holds, from the highest down; the last one always does."""
        return next(level for level, masks in self._severities if which(masks, yes) is not None)

    def holding_items(self, yes: int) -> dict[str, Fit]:
        """The items whose condition holds, each with the first alternative that does."""
        return dict([way for mask, way in self._ways if mask & yes == mask])

    def holding_rules(self, yes: int) -> list[Rule]:
        """The rules between items that hold."""
        return [rule for rule, masks in self._rules if which(masks, yes) is not None]

    @cached_property
    def _assumptions(self) -> list[tuple[int, list[tuple[str, Any, Marks]]]]:
        """Each alternative of each assumption, with what follows and the marks of that."""
        conditions = self.conditions
        found = []
        for one in self.menu.assumptions:
            then = [(fact, value, conditions.marks_of(fact, value)) for fact, value in one.then.items()]
            found += [(mask, then) for mask in conditions.masks(f"assumption {one.name}")]
        return found

    @cached_property
    def _severities(self) -> list[tuple[int, Masks]]:
        return [(rule.level, self.conditions.masks(f"severity {rule.level}")) for rule in self.menu.severities]

    @cached_property
    def _ways(self) -> list[tuple[int, tuple[str, Fit]]]:
        """Each alternative of each item; an item's first one stands last, as the last one stays in a dict."""
        masks = self.conditions.masks
        return [
            (mask, (code, Fit(number)))
            for code in self.items
            for number, mask in reversed(list(enumerate(masks(code))))
        ]

    @cached_property
    def _rules(self) -> list[tuple[Rule, Masks]]:
        """An own item towards the perpetrator falls under the rules that speak of all of its kind."""
        own = tuple(code for code, item in self.items.items() if item.is_own and item.reaches_perpetrator)
        return [
            (
                replace(rule, items=rule.items + own) if rule.is_of_a_kind else rule,
                self.conditions.masks(f"rule {rule.name}"),
            )
            for rule in self.menu.rules
        ]


_DEFAULT: dict[str, Card] = {}


def _like_a_ban(items: dict[str, Item]) -> dict[str, Item]:
    """An own item that restricts someone goes the way of the building ban: what follows that one follows it too."""
    bans = tuple(code for code, item in items.items() if item.is_own and item.restricts)
    if not bans:
        return items
    ban = items[BAN]
    followers = {
        code: replace(item, follows=item.follows + bans) for code, item in items.items() if BAN in item.follows
    }
    own = {code: replace(items[code], needs=ban.needs) for code in bans}
    return {**items, **followers, **own}


def _changed(item: Item, change: ItemChange) -> Item:
    """The item in the organisation's words and with its deadlines."""
    title = change.title or item.title_text
    steps = item.steps
    if change.deadlines:
        pairs = zip(item.steps, change.deadlines, strict=True)
        steps = tuple(_with_deadline(step, deadline, item) for step, deadline in pairs)
    if change.title and len(steps) == 1:
        steps = (replace(steps[0], title=title),)
    return replace(
        item,
        title_text=title,
        purpose_text=change.purpose or item.purpose_text,
        role_text=change.role or item.role_text,
        steps=steps,
    )


def _with_deadline(step: Step, deadline: Deadline | None, item: Item) -> Step:
    """The step with the organisation's term. One that law or a norm set stays as the last moment in every case."""
    if deadline is None:
        return step
    norm = None if item.status == ItemStatus.OPTIONAL else step.deadline
    return replace(step, deadline=deadline, norm=norm)


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
