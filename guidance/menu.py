"""The menu of menu.toml as objects, read once. A mistake in the file stops the start."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import get_language

from guidance.deadlines import UNITS, Deadline
from guidance.facts import FACTS
from guidance.rules import GROUPS, OPERATORS, Alternative, Test
from guidance.vocabulary import ItemStatus, Phase, Strength

SOURCE = Path(__file__).with_name("menu.toml")


class MenuError(ValueError):
    """menu.toml says something that cannot be; the message names the item."""


@dataclass(frozen=True)
class Text:
    """The same words in both languages."""

    nl: str
    en: str

    def __str__(self) -> str:
        return self.en if (get_language() or "nl").startswith("en") else self.nl


@dataclass(frozen=True)
class Step:
    """One thing to do for an item, with its own name and deadline (None: no moment can be given)."""

    title: Text
    deadline: Deadline | None


@dataclass(frozen=True)
class Item:
    """One item of the menu."""

    code: str
    phase: Phase
    status: ItemStatus
    is_default: bool
    title_text: Text
    purpose_text: Text
    role_text: Text
    deadline_text: Text | None
    law_text: Text | None
    sources: tuple[str, ...]
    alternatives: tuple[Alternative, ...]
    steps: tuple[Step, ...]
    due_if_severe: Deadline | None
    due_alone: Deadline | None
    follows: tuple[str, ...]
    follows_done: bool
    not_with: tuple[str, ...]
    excludes: tuple[str, ...]
    choice_group: str
    reaches_perpetrator: bool

    @property
    def title(self) -> str:
        return str(self.title_text)

    @property
    def purpose(self) -> str:
        return str(self.purpose_text)

    @property
    def role_label(self) -> str:
        return str(self.role_text)

    @property
    def deadline_label(self) -> str:
        """The deadline in words where it is not a plain moment ("before sending"), else empty."""
        return str(self.deadline_text or "")

    @property
    def law(self) -> str:
        return str(self.law_text or "")

    @property
    def strength(self) -> Strength:
        """What law or a national norm asks is a must; so are the two that the portal itself stands for (is_default)."""
        is_must = self.status in {ItemStatus.LAW, ItemStatus.NORM} or self.is_default
        return Strength.MUST if is_must else Strength.MAY

    def step_title(self, number: int) -> str:
        return str(self.steps[number].title) if number < len(self.steps) else self.title


@dataclass(frozen=True)
class Menu:
    """All items by code, in the order of the file."""

    version: str
    is_reconstruction: bool
    items: Mapping[str, Item]


@cache
def load_menu() -> Menu:
    """The menu as it ships. Raises MenuError."""
    return read_menu(SOURCE.read_text(encoding="utf-8"))


def read_menu(text: str) -> Menu:
    """A menu from TOML. Raises MenuError that names the item and what is wrong."""
    data = tomllib.loads(text)
    items = {code: _item(code, raw) for code, raw in data["item"].items()}
    for item in items.values():
        for code in (*item.follows, *item.not_with, *item.excludes):
            if code not in items:
                raise MenuError(f"{item.code} names {code}, which is not in the menu")
    return Menu(data["menu"]["version"], data["menu"]["reconstruction"], items)


def _item(code: str, raw: dict[str, Any]) -> Item:
    try:
        title = Text(**raw["title"])
        return Item(
            code=code,
            phase=Phase(raw["phase"]),
            status=ItemStatus(raw["status"]),
            is_default=raw.get("is_default", False),
            title_text=title,
            purpose_text=Text(**raw["purpose"]),
            role_text=Text(**raw["role"]),
            deadline_text=Text(**raw["deadline"]) if "deadline" in raw else None,
            law_text=Text(**raw["law"]) if "law" in raw else None,
            sources=tuple(raw["sources"]),
            alternatives=tuple(tuple(_test(test) for test in alternative) for alternative in raw["when"]),
            steps=_steps(raw, title),
            due_if_severe=_deadline(raw.get("due_if_severe")),
            due_alone=_deadline(raw.get("due_alone")),
            follows=tuple(raw.get("follows", ())),
            follows_done=raw.get("follows_done", False),
            not_with=tuple(raw.get("not_with", ())),
            excludes=tuple(raw.get("excludes", ())),
            choice_group=raw.get("choice_group", ""),
            reaches_perpetrator=raw.get("reaches_perpetrator", False),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise MenuError(f"{code}: {error}") from error


def _steps(raw: dict[str, Any], title: Text) -> tuple[Step, ...]:
    if "steps" in raw:
        return tuple(Step(Text(step["nl"], step["en"]), _deadline(step.get("due"))) for step in raw["steps"])
    return (Step(title, _deadline(raw.get("due"))),)


def _deadline(raw: dict[str, Any] | None) -> Deadline | None:
    if raw is None:
        return None
    if raw["from"] not in {"incident", "report", "followed"} or raw["unit"] not in UNITS:
        raise ValueError(f"deadline {raw} is of no known form")
    return Deadline(anchor=raw["from"], unit=raw["unit"], amount=raw.get("amount", 0))


def _test(raw: dict[str, Any]) -> Test:
    operator, operand = next((key, value) for key, value in raw.items() if key != "fact")
    if raw["fact"] not in FACTS or operator not in OPERATORS or len(raw) != 2:
        raise ValueError(f"test {raw} is of no known form")
    if operator == "group" and operand not in GROUPS:
        raise ValueError(f"{operand} is not a known group")
    codes = FACTS[raw["fact"]].codes()
    named = operand if isinstance(operand, list) else [operand]
    if codes and operator in {"is", "in", "has"} and set(named) - set(codes):
        raise ValueError(f"test {raw} names a code that does not exist")
    return Test(raw["fact"], operator, tuple(operand) if isinstance(operand, list) else operand)
