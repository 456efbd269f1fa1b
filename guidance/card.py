"""An organisation's menu card, without a database: the menu with its changes (changes.py), ready to advise."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache, cached_property
from typing import Any, NamedTuple

from guidance.changes import Changes, ItemChange
from guidance.deadlines import Deadline
from guidance.facts import Values
from guidance.menu import Item, Ladder, Menu, Rule, Step
from guidance.menu_file import load_menu
from guidance.rules import Conditions, Marks, Masks, which
from guidance.vocabulary import ItemStatus

BAN = "R09"  # the shipped restriction that an own one is treated like


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
        off = {code for code, change in self.changes.items.items() if not change.is_on and self._may_be_off(code)}
        off |= {code for code, item in self.changes.own.items() if not item.is_on}
        self.items: Mapping[str, Item] = {code: item for code, item in self.every.items() if code not in off}
        own_cells = {  # a newer menu may no longer have a step that was chosen
            cell: tuple(step for step in steps if step.code in self.every)
            for cell, steps in self.changes.ladder.items()
        }
        self.ladder: Ladder = {**self.menu.ladder, **own_cells}

    def _may_be_off(self, code: str) -> bool:
        """Only what is optional, also where a newer menu made a law of what had been switched off."""
        return code in self.menu.items and self.menu.items[code].status == ItemStatus.OPTIONAL

    @classmethod
    def default(cls) -> "Card":
        """The whole menu, as it ships."""
        return _shipped()

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
        """An own item towards the perpetrator falls under the rules that speak of all of its kind, also when it is off:
        a case may have it still."""
        own = tuple(code for code, item in self.every.items() if item.is_own and item.reaches_perpetrator)
        return [
            (
                replace(rule, items=rule.items + own) if rule.is_of_a_kind else rule,
                self.conditions.masks(f"rule {rule.name}"),
            )
            for rule in self.menu.rules
        ]


@cache
def _shipped() -> Card:
    return Card(load_menu().version)


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
    if len(change.deadlines) == len(item.steps):  # a newer menu may have parted an item otherwise
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
