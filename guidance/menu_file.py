"""Reading the menu's files, and refusing what cannot be: with the file, the item and the reason."""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from guidance.deadlines import ANCHORS, UNITS, Deadline
from guidance.facts import FACTS
from guidance.menu import (
    LADDER_CELLS,
    OUR_OWN,
    Assumption,
    Item,
    Ladder,
    LadderStep,
    Menu,
    Offence,
    Restriction,
    Rule,
    SeverityRule,
    Source,
    Step,
    Text,
)
from guidance.rules import Condition, Test, read_condition
from guidance.vocabulary import Effect, ItemStatus, Phase, Severity

FOLDER = Path(__file__).parent
FILES = ("menu.toml", "readings.toml", "ladder.toml", "offences.toml", "sources.toml")
KNOWN = Test("perpetrator.known", "is", True)
Read = TypeVar("Read")


class MenuError(ValueError):
    """One of the menu's files says something that cannot be: which file, where in it, and why."""

    def __init__(self, file: str, where: str, reason: object) -> None:
        super().__init__(f"guidance/{file}: {where}: {reason}")


@cache
def load_menu() -> Menu:
    """The menu as it ships. Raises MenuError."""
    return read_menu({name: (FOLDER / name).read_text(encoding="utf-8") for name in FILES})


@cache
def menu_of(version: str) -> Menu:
    """The menu of this version: the one that ships, or an earlier one kept in guidance/editions. Raises MenuError."""
    if version == load_menu().version:
        return load_menu()
    folder = FOLDER / "editions" / Path(version).name
    if not folder.is_dir():
        raise MenuError(f"editions/{version}", "the menu", "advice of this version is kept, but its files are not")
    return read_menu({name: (folder / name).read_text(encoding="utf-8") for name in FILES})


def read_menu(files: Mapping[str, str]) -> Menu:
    """A menu from the texts of its files. Raises MenuError for anything that cannot be."""
    data = {name: _toml(name, text) for name, text in files.items()}
    menu, readings = data["menu.toml"], data["readings.toml"]
    sources = {key: _at("sources.toml", key, _source, raw, key) for key, raw in data["sources.toml"].items()}
    items = {code: _at("menu.toml", code, _item, raw, code, sources) for code, raw in menu.get("item", {}).items()}
    read = Menu(
        version=_at("menu.toml", "menu", lambda raw: str(raw["version"]), menu.get("menu", {})),
        is_reconstruction=_at("menu.toml", "menu", lambda raw: bool(raw["reconstruction"]), menu.get("menu", {})),
        items=items,
        rules=tuple(_at("menu.toml", f"rule {_name(raw)}", _rule, raw, items) for raw in menu.get("rule", [])),
        choice_groups={
            name: _at("menu.toml", f"choice group {name}", _text, raw)
            for name, raw in menu.get("choice_group", {}).items()
        },
        severities=tuple(
            _at("readings.toml", f"severity {_name(raw, 'level')}", _severity, raw) for raw in readings["severity"]
        ),
        assumptions=tuple(
            _at("readings.toml", f"assumption {_name(raw)}", _assumption, raw) for raw in readings["assumption"]
        ),
        offences=tuple(
            _at("offences.toml", f"offence {_name(raw, 'article')}", _offence, raw)
            for raw in data["offences.toml"]["offence"]
        ),
        ladder=_ladder(data["ladder.toml"]),
        ladder_sources=tuple(data["ladder.toml"].get("sources", ())),
        sources=sources,
    )
    _check(read)
    return read


def _toml(name: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MenuError(name, "the file", error) from error


def _at(file: str, where: str, read: Callable[..., Read], raw: Any, *more: Any) -> Read:
    """Read one piece, and say where it stands when that fails."""
    try:
        return read(raw, *more)
    except KeyError as error:
        raise MenuError(file, where, f"{error.args[0]} is missing") from error
    except (TypeError, ValueError) as error:
        raise MenuError(file, where, error) from error


def _name(raw: Mapping[str, Any], key: str = "name") -> str:
    return str(raw.get(key, "without a name"))


# --- the pieces ------------------------------------------------------------------------------------------------------

PLAIN_KEYS = frozenset({"phase", "status", "title", "purpose", "role", "sources", "verified", "when"})
MORE_KEYS = frozenset(
    {
        *("ground", "deadline", "law", "steps", "due", "due_if_severe", "due_alone", "days_before_end", "is_default"),
        *("follows", "follows_done", "needs", "choice_group", "reaches_perpetrator", "against_person", "restricts"),
    }
)


def _item(raw: dict[str, Any], code: str, sources: Mapping[str, Source]) -> Item:
    if unknown := set(raw) - PLAIN_KEYS - MORE_KEYS:
        raise ValueError(f"{', '.join(sorted(unknown))} is not something an item has")
    title = _text(raw["title"])
    reaches = raw.get("reaches_perpetrator", False)
    return Item(
        code=code,
        phase=Phase(raw["phase"]),
        status=ItemStatus(raw["status"]),
        title_text=title,
        purpose_text=_text(raw["purpose"]),
        role_text=_text(raw["role"]),
        ground_text=_text(raw["ground"]) if "ground" in raw else None,
        deadline_text=_text(raw["deadline"]) if "deadline" in raw else None,
        law_text=_text(raw["law"]) if "law" in raw else None,
        sources=tuple(raw["sources"]),
        condition=guarded(read_condition(raw["when"])) if reaches else read_condition(raw["when"]),
        steps=_steps(raw, title),
        is_verified=raw["verified"],
        is_default=raw.get("is_default", False),
        due_if_severe=_deadline(raw.get("due_if_severe")),
        due_alone=_deadline(raw.get("due_alone")),
        days_before_end=raw.get("days_before_end", 0),
        follows=tuple(raw.get("follows", ())),
        follows_done=raw.get("follows_done", False),
        needs=tuple(raw.get("needs", ())),
        choice_group=raw.get("choice_group", ""),
        reaches_perpetrator=reaches,
        against_person=raw.get("against_person", False),
        restricts=_restriction(raw["restricts"]) if "restricts" in raw else None,
        is_national=any(sources[key].is_national for key in raw["sources"] if key in sources),
    )


def guarded(condition: Condition) -> Condition:
    """The condition of something that goes to the perpetrator: there must be someone known to go to."""
    return tuple(alternative if KNOWN in alternative else (KNOWN, *alternative) for alternative in condition)


def _text(raw: Any) -> Text:
    """Both languages. Raises ValueError when one is missing or empty."""
    if not isinstance(raw, dict) or set(raw) - {"nl", "en", "due"}:
        raise ValueError(f"{raw!r} is not a text in nl and en")
    for language in ("nl", "en"):
        if not str(raw.get(language, "")).strip():
            raise ValueError(f"{raw} has no translation in {language}")
    return Text(raw["nl"], raw["en"])


def _steps(raw: dict[str, Any], title: Text) -> tuple[Step, ...]:
    if "steps" in raw:
        return tuple(Step(_text(step), _deadline(step.get("due"))) for step in raw["steps"])
    return (Step(title, _deadline(raw.get("due"))),)


def _deadline(raw: dict[str, Any] | None) -> Deadline | None:
    if raw is None:
        return None
    if set(raw) - {"from", "unit", "amount"} or raw.get("from") not in ANCHORS or raw.get("unit") not in UNITS:
        raise ValueError(f"deadline {raw} is of no known form")
    return Deadline(anchor=raw["from"], unit=raw["unit"], amount=int(raw.get("amount", 0)))


def _restriction(raw: dict[str, int]) -> Restriction:
    found = Restriction(usual=raw["usual"], at_most=raw["at_most"])
    if not 1 <= found.usual <= found.at_most:
        raise ValueError("a restriction ends after at least one month, and usually not later than at most")
    return found


def _rule(raw: dict[str, Any], items: Mapping[str, Item]) -> Rule:
    flag = raw.get("with")
    if flag not in {None, "against_person", "reaches_perpetrator"}:
        raise ValueError(f"{flag!r} is not a mark that items carry")
    codes = [code for code, item in items.items() if flag and getattr(item, flag)]
    condition = items[raw["when_item"]].condition if "when_item" in raw else read_condition(raw["when"])
    return Rule(
        name=raw["name"],
        effect=Effect(raw["effect"]),
        items=tuple(raw.get("items", codes)),
        text=_text(raw["text"]),
        sources=tuple(raw["sources"]),
        condition=condition,
        ask=read_condition(raw.get("ask_when", [[]])),
        is_of_a_kind=flag is not None,
    )


def _severity(raw: dict[str, Any]) -> SeverityRule:
    return SeverityRule(int(Severity(raw["level"])), read_condition(raw["when"]))


def _assumption(raw: dict[str, Any]) -> Assumption:
    for fact, value in raw["then"].items():
        if fact not in FACTS:
            raise ValueError(f"{fact!r} is not a fact")
        FACTS[fact].check(value)
    condition = read_condition(raw["when"])
    return Assumption(raw["name"], _text(raw["text"]), tuple(raw.get("sources", ("OWN",))), condition, raw["then"])


def _offence(raw: dict[str, Any]) -> Offence:
    condition = read_condition(raw["when"])
    return Offence(raw["article"], _text(raw["name"]), _text(raw["note"]), tuple(raw["sources"]), condition)


def _source(raw: dict[str, Any], key: str) -> Source:
    return Source(key, raw["title"], raw.get("address", ""), raw.get("is_national", False))


def _ladder(raw: dict[str, Any]) -> Ladder:
    found = {}
    for cell in raw.get("step", []):
        where = f"severity {cell.get('severity')}, {cell.get('occurrence')}"
        key = _at("ladder.toml", where, lambda one: (one["severity"], one["occurrence"]), cell)
        found[key] = _at("ladder.toml", where, _ladder_steps, cell)
    if set(found) != set(LADDER_CELLS):
        raise MenuError("ladder.toml", "the ladder", f"must have just the cells {LADDER_CELLS}")
    return {key: found[key] for key in LADDER_CELLS}


def _ladder_steps(raw: dict[str, Any]) -> tuple[LadderStep, ...]:
    return tuple(
        LadderStep(step["item"], tuple(step["months"]) if "months" in step else None)  # type: ignore[arg-type]
        for step in raw["steps"]
    )


# --- what must hold between the pieces -------------------------------------------------------------------------------


def _check(menu: Menu) -> None:
    for code, item in menu.items.items():
        for reason in _faults(item, menu):
            raise MenuError("menu.toml", code, reason)
    for rule in menu.rules:
        for reason in _rule_faults(rule, menu):
            raise MenuError("menu.toml", f"rule {rule.name}", reason)
    for cell, steps in menu.ladder.items():
        if reason := ladder_fault(steps, menu.items):
            raise MenuError("ladder.toml", f"severity {cell[0]}, {cell[1]}", reason)
    for offence in menu.offences:
        for key in _unknown_sources(offence.sources, menu):
            raise MenuError("offences.toml", f"offence {offence.article}", f"source {key} is not in sources.toml")
    if not menu.severities or menu.severities[-1].condition != ((),):
        raise MenuError("readings.toml", "severity", "the last level must hold always: when = [[]]")
    if cycle := _cycle(menu.items):
        raise MenuError("menu.toml", cycle[0], f"waits for itself: {' → '.join(cycle)}")


def _faults(item: Item, menu: Menu) -> Iterable[str]:
    for code in (*item.follows, *item.needs):
        if code not in menu.items:
            yield f"names {code}, which is not in the menu"
    for key in _unknown_sources(item.sources, menu):
        yield f"source {key} is not in sources.toml"
    if (item.status == ItemStatus.LAW) != (item.law_text is not None):
        yield "an item of status law names its law, and no other item does"
    if item.choice_group and item.choice_group not in menu.choice_groups:
        yield f"choice group {item.choice_group} does not exist"
    deadlines = [step.deadline for step in item.steps] + [item.due_if_severe]
    if not item.follows and any(deadline and deadline.anchor == "followed" for deadline in deadlines):
        yield "a deadline counts from what it follows, but it follows nothing"
    for need in item.needs:
        needed = menu.items[need]
        if needed.status == ItemStatus.OPTIONAL:
            yield f"needs {need}, which an organisation can switch off"
        if needed.follows and item.code not in needed.follows:
            yield f"needs {need}, which does not follow it"
    if item.restricts and not item.needs:
        yield "restricts someone, but nothing reviews and ends it: name that in `needs`"


def _rule_faults(rule: Rule, menu: Menu) -> Iterable[str]:
    for code in rule.items:
        if code not in menu.items:
            yield f"names {code}, which is not in the menu"
        elif rule.effect == Effect.DROP and menu.items[code].status == ItemStatus.LAW:
            yield f"drops {code}, which the law asks for"
    for key in _unknown_sources(rule.sources, menu):
        yield f"source {key} is not in sources.toml"


def ladder_fault(steps: Iterable[LadderStep], items: Mapping[str, Item]) -> str:
    """Why these steps cannot stand in a ladder, or nothing. No measure that restricts someone is without an end."""
    for step in steps:
        if step.code not in items:
            return f"names {step.code}, which is not in the menu"
        restricts = items[step.code].restricts
        if (restricts is None) != (step.months is None):
            return f"{step.code}: a measure that restricts someone has an end in months, and no other has"
        if restricts and step.months and not 1 <= step.months[0] <= step.months[1] <= restricts.at_most:
            return f"{step.code}: give months from 1 to {restricts.at_most}, the shortest first"
    return ""


def _unknown_sources(keys: Iterable[str], menu: Menu) -> list[str]:
    return [key for key in keys if key not in menu.sources and key not in OUR_OWN]


def _cycle(items: Mapping[str, Item]) -> list[str]:
    """The codes of a circle of items that wait for each other, or nothing."""

    def walk(code: str, trail: list[str]) -> list[str]:
        if code in trail:
            return [*trail[trail.index(code) :], code]
        return next((found for after in items[code].follows if (found := walk(after, [*trail, code]))), [])

    return next((found for code in items if (found := walk(code, []))), [])


def with_condition(item: Item, condition: Condition) -> Item:
    """The item with another condition, still only towards someone known where it goes to the perpetrator."""
    return replace(item, condition=guarded(condition) if item.reaches_perpetrator else condition)
