"""The menu as objects: items, the rules between them, the ladder, possible offences, and where each comes from.

`load_menu()` is the menu as it ships, read once from the .toml files beside this one (guidance/menu_file.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from guidance.deadlines import Deadline
from guidance.rules import Condition
from guidance.vocabulary import Effect, ItemStatus, Occurrence, Phase, Strength

OUR_OWN = frozenset({"OWN", "GAP"})  # keys that are no source: our own judgement, and nothing was found


@dataclass(frozen=True)
class Text:
    """The same words in both languages."""

    nl: str
    en: str

    def __str__(self) -> str:
        return self.en if (get_language() or "nl").startswith("en") else self.nl

    def to_data(self) -> dict[str, str]:
        return {"nl": self.nl, "en": self.en}


@dataclass(frozen=True)
class Step:
    """One thing to do for an item, with its own name and deadline (None: no moment can be given)."""

    title: Text
    deadline: Deadline | None
    norm: Deadline | None = None  # what law or norm asks, where the organisation chose something shorter


@dataclass(frozen=True)
class Restriction:
    """That an item takes something away from someone. It always ends: usually, and at most, after so many months."""

    usual: int
    at_most: int


@dataclass(frozen=True)
class Item:
    """One item of the menu, or of an organisation's own (`is_own`)."""

    code: str
    phase: Phase
    status: ItemStatus
    title_text: Text
    purpose_text: Text
    role_text: Text
    ground_text: Text | None
    deadline_text: Text | None
    law_text: Text | None
    sources: tuple[str, ...]
    condition: Condition
    steps: tuple[Step, ...]
    is_verified: bool = False
    is_default: bool = False
    is_own: bool = False
    due_if_severe: Deadline | None = None
    due_alone: Deadline | None = None
    days_before_end: int = 0
    once_in_team_days: int = 0  # about the team: no second task within so many days
    follows: tuple[str, ...] = ()
    follows_done: bool = False
    needs: tuple[str, ...] = ()
    choice_group: str = ""
    reaches_perpetrator: bool = False
    against_person: bool = False
    restricts: Restriction | None = None
    is_national: bool = False  # whether a national source stands behind it

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
    def ground(self) -> str:
        """Where the advice comes from, to stand behind a because: "national norm: react within 48 hours"."""
        if self.is_own:
            return _("the organisation's own measure")
        if self.status == ItemStatus.LAW:
            origin = _("by law, as far as we know") if self.is_our_judgement else _("by law")
            parts = [f"{origin}, {self.law}", str(self.ground_text or "")]
        elif self.is_our_judgement:
            parts = [_("our own recommendation"), str(self.ground_text or "")]
        else:
            parts = [self._origin(), str(self.ground_text or "")]
        return ": ".join(part for part in parts if part)

    def _origin(self) -> str:
        if self.status == ItemStatus.OPTIONAL:
            return _("choice of the organisation")
        return _("national norm") if self.is_national else _("practice")

    @property
    def is_our_judgement(self) -> bool:
        """Whether no source at all stands behind it."""
        return set(self.sources) <= OUR_OWN

    @property
    def strength(self) -> Strength:
        """What law or a national norm asks is a must; so is what the portal or the organisation itself stands for."""
        is_must = self.status in {ItemStatus.LAW, ItemStatus.NORM} or self.is_default
        return Strength.MUST if is_must else Strength.MAY

    def step_title(self, number: int) -> str:
        return str(self.steps[number].title) if number < len(self.steps) else self.title


@dataclass(frozen=True)
class Rule:
    """A rule between items: when `condition` holds, `effect` comes over the items with these codes."""

    name: str
    effect: Effect
    items: tuple[str, ...]
    text: Text
    sources: tuple[str, ...]
    condition: Condition
    is_of_a_kind: bool = False  # it speaks of all items of a kind, an organisation's own among them


@dataclass(frozen=True)
class Assumption:
    """What is taken to follow from facts until a person says otherwise."""

    name: str
    text: Text
    sources: tuple[str, ...]
    condition: Condition
    then: Mapping[str, Any]  # dotted fact → value


@dataclass(frozen=True)
class Nearness:
    """When questions about these facts stand in front; otherwise behind the others."""

    facts: tuple[str, ...]
    condition: Condition


@dataclass(frozen=True)
class SeverityRule:
    """When a severity is proposed. The first that holds, from the highest down, is taken."""

    level: int
    condition: Condition


@dataclass(frozen=True)
class Offence:
    """A possible offence: a hint, never a verdict (handbook 2.5)."""

    article: str
    name: Text
    note: Text
    sources: tuple[str, ...]
    condition: Condition

    @property
    def is_our_knowledge(self) -> bool:
        """Whether our own knowledge is the only source."""
        return set(self.sources) <= OUR_OWN


@dataclass(frozen=True)
class LadderStep:
    """One step of the ladder: an item and, where it restricts someone, its shortest and longest months."""

    code: str
    months: tuple[int, int] | None = None


Ladder = Mapping[tuple[int, str], tuple[LadderStep, ...]]  # (severity, occurrence) → steps


@dataclass(frozen=True)
class Source:
    """Where something comes from. `address` may be empty."""

    key: str
    title: str
    address: str = ""
    is_national: bool = False


@dataclass(frozen=True)
class Menu:
    """Everything that ships, items by code in the order of the file."""

    version: str
    is_reconstruction: bool
    items: Mapping[str, Item]
    rules: tuple[Rule, ...]
    choice_groups: Mapping[str, Text]
    severities: tuple[SeverityRule, ...]
    assumptions: tuple[Assumption, ...]
    nearness: tuple[Nearness, ...]
    offences: tuple[Offence, ...]
    ladder: Ladder
    ladder_sources: tuple[str, ...]
    sources: Mapping[str, Source]


LADDER_CELLS = [(severity, occurrence.value) for severity in (1, 2, 3, 4) for occurrence in Occurrence]
