"""Conditions over facts, in three values: yes, no, and not known.

A condition is a list of alternatives; an alternative is a few tests; all tests of one alternative must hold (Kleene:
one "no" makes it no, otherwise one "not known" leaves it open). Unknown is never taken for no.

Many conditions share their tests, so each different test gets one bit. One pass over the facts marks which tests hold
and which do not; after that a whole alternative is one comparison.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from guidance.facts import FACTS, Values
from guidance.vocabulary import HOME_SCHEME, OFFICE_HOLDERS

GROUPS: dict[str, tuple[str, ...]] = {"office_holders": OFFICE_HOLDERS, "home_scheme": HOME_SCHEME}
OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "is": lambda value, operand: bool(value == operand),
    "in": lambda value, operand: value in operand,
    "has": lambda value, operand: any(code in operand for code in value),
    "only": lambda value, operand: all(code in operand for code in value),
    "min": lambda value, operand: bool(value >= operand),
    "max": lambda value, operand: bool(value <= operand),
    "group": lambda value, operand: value in GROUPS[operand],
}


@dataclass(frozen=True)
class Because:
    """One fact that made an advice so: its dotted name and its value."""

    fact: str
    value: Any

    def to_data(self) -> dict[str, Any]:
        return {"fact": self.fact, "value": list(self.value) if isinstance(self.value, tuple) else self.value}


@dataclass(frozen=True)
class Test:
    """One comparison of one fact: `operator` is a key of OPERATORS."""

    fact: str
    operator: str
    operand: Any

    def holds(self, values: Values) -> bool | None:
        """True, False, or None when the fact is not known."""
        value = values.get(self.fact)
        return None if value is None else OPERATORS[self.operator](value, self.operand)

    def because(self, values: Values) -> Because:
        value = values[self.fact]
        if self.operator == "has":
            value = tuple(code for code in value if code in self.operand)
        return Because(self.fact, value)

    def to_data(self) -> dict[str, Any]:
        """Its form in the menu file and on a card: {"fact": …, operator: operand}."""
        operand = list(self.operand) if isinstance(self.operand, tuple) else self.operand
        return {"fact": self.fact, self.operator: operand}


Alternative = tuple[Test, ...]
Condition = tuple[Alternative, ...]
KEPT_VALUES = 1000  # of each fact: its values come back nearly always
Masks = tuple[int, ...]  # of each alternative the bits of its tests
Marks = tuple[int, int]  # bits of the tests that hold, and of those that do not


class ConditionError(ValueError):
    """A test that cannot be; the message says why."""


def read_condition(raw: Any) -> Condition:
    """A condition from its data. Raises ConditionError."""
    if not isinstance(raw, list) or not all(isinstance(alternative, list) for alternative in raw):
        raise ConditionError("a condition is a list of alternatives, each a list of tests")
    return tuple(tuple(read_test(test) for test in alternative) for alternative in raw)


def read_test(raw: Any) -> Test:
    """A test from its data. Raises ConditionError for an unknown fact, operator, group or code."""
    if not isinstance(raw, dict) or len(raw) != 2 or "fact" not in raw:
        raise ConditionError(f"{raw} is no test: give a fact and one comparison")
    fact = raw["fact"]
    operator, operand = next((key, value) for key, value in raw.items() if key != "fact")
    if fact not in FACTS:
        raise ConditionError(f"{fact!r} is not a fact")
    if operator not in FACTS[fact].operators():
        raise ConditionError(f"{operator!r} does not fit the fact {fact}")
    if operator == "group":
        if operand not in GROUPS:
            raise ConditionError(f"{operand!r} is not a known group")
    elif operator in {"in", "has", "only"}:
        if not isinstance(operand, (list, tuple)) or not operand or set(operand) - set(FACTS[fact].codes()):
            raise ConditionError(f"{operand!r} names a code that {fact} does not have")
    else:
        _check_operand(fact, operand)
    return Test(fact, operator, tuple(operand) if isinstance(operand, list) else operand)


def _check_operand(fact: str, operand: Any) -> None:
    try:
        FACTS[fact].check(operand)
    except ValueError as error:
        raise ConditionError(str(error)) from error


def tests_of(condition: Condition) -> Iterator[Test]:
    for alternative in condition:
        yield from alternative


class Conditions:
    """Many named conditions, ready to be asked about any facts."""

    def __init__(self, conditions: Mapping[str, Condition]) -> None:
        self._of = dict(conditions)
        bits: dict[Test, int] = {}
        for condition in self._of.values():
            for test in tests_of(condition):
                bits.setdefault(test, 1 << len(bits))
        self._bits = bits
        self._masks = {
            name: tuple(sum({bits[test] for test in alternative}) for alternative in condition)
            for name, condition in self._of.items()
        }
        by_fact: dict[str, list[tuple[Test, int]]] = {}
        for test, bit in bits.items():
            by_fact.setdefault(test.fact, []).append((test, bit))
        self._by_fact = by_fact
        self._known: dict[str, dict[Any, Marks]] = {fact: {} for fact in by_fact}

    @property
    def facts(self) -> Iterable[str]:
        """The facts that some test asks for."""
        return self._by_fact.keys()

    def marks(self, values: Values) -> Marks:
        """Which tests hold, and which do not. A test in neither hangs on a fact that is not known."""
        yes = no = 0
        for fact, value in values.items():
            seen = self._known.get(fact)
            if seen is None:
                continue
            found = seen.get(value)
            if found is None:
                found = self.marks_of(fact, value)
            yes |= found[0]
            no |= found[1]
        return yes, no

    def marks_of(self, fact: str, value: Any) -> Marks:
        """The marks of one fact."""
        if fact not in self._by_fact:
            return 0, 0
        found = self._known[fact].get(value)
        if found is not None:
            return found
        yes = no = 0
        for test, bit in self._by_fact[fact]:
            if OPERATORS[test.operator](value, test.operand):
                yes |= bit
            else:
                no |= bit
        if len(self._known[fact]) < KEPT_VALUES:
            self._known[fact][value] = yes, no
        return yes, no

    def masks(self, name: str) -> Masks:
        """The condition as one mask of bits for each alternative."""
        return self._masks[name]

    def holds(self, name: str, yes: int) -> bool:
        """Whether the condition holds with these tests holding."""
        return which(self._masks[name], yes) is not None

    def all_that_hold(self, name: str, yes: int) -> list[int]:
        """The numbers of all its alternatives that hold."""
        return [number for number, mask in enumerate(self._masks[name]) if mask & yes == mask]

    def open_facts(self, name: str, marks: Marks) -> set[str]:
        """The facts, not known, on which it hangs whether the condition holds; empty when that is certain."""
        yes, no = marks
        if self.holds(name, yes):
            return set()
        return {
            test.fact
            for number, mask in enumerate(self._masks[name])
            if not mask & no
            for test in self._of[name][number]
            if self._bits[test] & ~yes
        }

    def because(self, name: str, number: int, values: Values) -> tuple[Because, ...]:
        """The facts that made this alternative hold."""
        return tuple(dict.fromkeys(test.because(values) for test in self._of[name][number]))

    def answers_that_matter(self, fact: str) -> list[Any]:
        """Values of the fact that between them give every different outcome that its tests can have."""
        description = FACTS[fact]
        if description.kind == "boolean":
            return [True, False]
        if description.choices:
            return description.codes()
        limits = {test.operand for test, _bit in self._by_fact.get(fact, [])}
        return sorted({value for limit in limits for value in (limit - 1, limit, limit + 1) if value >= 0} | {0})


def which(masks: Masks, yes: int) -> int | None:
    """The number of the first alternative that holds with these tests holding."""
    for number, mask in enumerate(masks):
        if mask & yes == mask:
            return number
    return None
