"""The pieces of the menu's files, each read from its table. What cannot be is a ValueError that says why."""

from collections.abc import Mapping
from typing import Any

from guidance.deadlines import ANCHORS, UNITS, WITHOUT_AMOUNT, Deadline
from guidance.facts import FACTS
from guidance.menu import (
    Assumption,
    Item,
    LadderStep,
    Nearness,
    Offence,
    Restriction,
    Rule,
    SeverityRule,
    Source,
    Step,
    Text,
)
from guidance.rules import Condition, Test, read_condition
from guidance.vocabulary import Effect, ItemStatus, Occurrence, Phase, Severity

KNOWN = Test("perpetrator.known", "is", True)
LANGUAGES = frozenset({"nl", "en"})
ITEM_KEYS = frozenset(
    {
        *("phase", "status", "title", "purpose", "role", "sources", "verified", "when"),
        *("ground", "deadline", "law", "steps", "due", "due_if_severe", "due_alone", "days_before_end", "is_default"),
        "once_in_team_days",
        *("follows", "follows_done", "needs", "choice_group", "reaches_perpetrator", "against_person", "restricts"),
    }
)
RULE_KEYS = frozenset({"name", "effect", "items", "with", "text", "sources", "when", "when_item"})
MARKS = ("against_person", "reaches_perpetrator")  # what `with` of a rule can name


def read_item(raw: Any, code: str, sources: Mapping[str, Source]) -> Item:
    table(raw, ITEM_KEYS)
    reaches = _flag(raw, "reaches_perpetrator", False)
    condition = _condition(raw, "when")
    keys = _sources(raw)
    return Item(
        code=code,
        phase=Phase(raw["phase"]),
        status=ItemStatus(raw["status"]),
        title_text=_text(raw, "title"),
        purpose_text=_text(raw, "purpose"),
        role_text=_text(raw, "role"),
        ground_text=_text(raw, "ground") if "ground" in raw else None,
        deadline_text=_text(raw, "deadline") if "deadline" in raw else None,
        law_text=_text(raw, "law") if "law" in raw else None,
        sources=keys,
        condition=guarded(condition) if reaches else condition,
        steps=_steps(raw),
        is_verified=_flag(raw, "verified"),
        is_default=_flag(raw, "is_default", False),
        due_if_severe=_deadline(raw, "due_if_severe"),
        due_alone=_deadline(raw, "due_alone"),
        days_before_end=_whole(raw, "days_before_end") if "days_before_end" in raw else 0,
        once_in_team_days=_whole(raw, "once_in_team_days") if "once_in_team_days" in raw else 0,
        follows=_codes(raw, "follows"),
        follows_done=_flag(raw, "follows_done", False),
        needs=_codes(raw, "needs"),
        choice_group=_words(raw, "choice_group") if "choice_group" in raw else "",
        reaches_perpetrator=reaches,
        against_person=_flag(raw, "against_person", False),
        restricts=_restriction(raw["restricts"]) if "restricts" in raw else None,
        is_national=any(sources[key].is_national for key in keys if key in sources),
    )


def guarded(condition: Condition) -> Condition:
    """The condition of something that goes to the perpetrator: there must be someone known to go to."""
    return tuple(alternative if KNOWN in alternative else (KNOWN, *alternative) for alternative in condition)


def read_rule(raw: Any, items: Mapping[str, Item]) -> Rule:
    table(raw, RULE_KEYS)
    flag = raw.get("with")
    if flag is not None and flag not in MARKS:
        raise ValueError(f"{flag!r} is not a mark that items carry")
    if (flag is None) == ("items" not in raw):
        raise ValueError("say what it is about, by `items` or by `with`")
    if ("when_item" in raw) == ("when" in raw):
        raise ValueError("say when it holds, by `when` or by `when_item`")
    if "when_item" in raw and raw["when_item"] not in items:
        raise ValueError(f"names {raw['when_item']}, which is not in the menu")
    codes = [code for code, item in items.items() if flag and getattr(item, flag)]
    return Rule(
        name=_words(raw, "name"),
        effect=Effect(raw["effect"]),
        items=_codes(raw, "items") if "items" in raw else tuple(codes),
        text=_text(raw, "text"),
        sources=_sources(raw),
        condition=items[raw["when_item"]].condition if "when_item" in raw else _condition(raw, "when"),
        is_of_a_kind=flag is not None,
    )


def read_severity(raw: Any) -> SeverityRule:
    table(raw, {"level", "when"})
    return SeverityRule(int(Severity(raw["level"])), _condition(raw, "when"))


def read_nearness(raw: Any) -> Nearness:
    table(raw, {"facts", "when"})
    facts = _codes(raw, "facts")
    if not facts:
        raise ValueError("names no fact")
    for fact in facts:
        if fact not in FACTS:
            raise ValueError(f"{fact!r} is not a fact")
    return Nearness(facts, _condition(raw, "when"))


def read_assumption(raw: Any) -> Assumption:
    table(raw, {"name", "text", "sources", "when", "then"})
    then = {}
    for fact, value in table(raw["then"]).items():
        if fact not in FACTS:
            raise ValueError(f"{fact!r} is not a fact")
        then[fact] = FACTS[fact].check(value)
    sources = _sources(raw) if "sources" in raw else ("OWN",)
    return Assumption(_words(raw, "name"), _text(raw, "text"), sources, _condition(raw, "when"), then)


def read_offence(raw: Any) -> Offence:
    table(raw, {"article", "name", "note", "sources", "when"})
    return Offence(
        article=_words(raw, "article"),
        name=_text(raw, "name"),
        note=_text(raw, "note"),
        sources=_sources(raw),
        condition=_condition(raw, "when"),
    )


def read_source(raw: Any, key: str) -> Source:
    table(raw, {"title", "address", "is_national", "publisher"})
    address = _words(raw, "address") if "address" in raw else ""
    return Source(key, _words(raw, "title"), address, _flag(raw, "is_national", False))


def read_cell(raw: Any) -> tuple[tuple[int, str], tuple[LadderStep, ...]]:
    """One cell of the ladder and its steps."""
    table(raw, {"severity", "occurrence", "steps"})
    key = int(Severity(raw["severity"])), Occurrence(raw["occurrence"]).value
    return key, tuple(_ladder_step(step) for step in _list(raw, "steps"))


def read_text(raw: Any) -> Text:
    """Both languages. Raises ValueError when one is missing or blank."""
    if not isinstance(raw, dict) or set(raw) - LANGUAGES:
        raise ValueError(f"{raw!r} is not a text in nl and en")
    for language in ("nl", "en"):
        words = raw.get(language, "")
        if not isinstance(words, str):
            raise ValueError(f"{words!r} is no text")
        if not words.strip():
            raise ValueError(f"{raw} has no translation in {language}")
    return Text(raw["nl"], raw["en"])


def table(raw: Any, keys: frozenset[str] | set[str] | None = None) -> dict[str, Any]:
    """The table itself, when it is one and holds nothing but these keys (None: any)."""
    if not isinstance(raw, dict):
        raise ValueError(f"{raw!r} is not a table of names and values")
    if keys is not None and (unknown := set(raw) - keys):
        raise ValueError(f"{', '.join(sorted(unknown))} is not something that belongs here")
    return raw


def _steps(raw: dict[str, Any]) -> tuple[Step, ...]:
    if "steps" not in raw:
        return (Step(_text(raw, "title"), _deadline(raw, "due")),)
    if "due" in raw:
        raise ValueError("each step has a `due` of its own, so the item has none")
    steps = [table(step) for step in _list(raw, "steps")]
    if not steps:
        raise ValueError("steps is empty")
    return tuple(
        Step(read_text({key: value for key, value in step.items() if key != "due"}), _deadline(step, "due"))
        for step in steps
    )


def _text(raw: dict[str, Any], key: str) -> Text:
    try:
        return read_text(raw[key])
    except ValueError as error:
        raise ValueError(f"{key}: {error}") from error


def _condition(raw: dict[str, Any], key: str) -> Condition:
    try:
        return read_condition(raw[key])
    except ValueError as error:
        raise ValueError(f"{key}: {error}") from error
    except TypeError as error:  # a list or table where a code belongs
        raise ValueError(f"{key}: a test compares one fact with plain values, not {raw[key]!r}") from error


def _deadline(raw: dict[str, Any], key: str) -> Deadline | None:
    if key not in raw:
        return None
    found = raw[key]
    if not isinstance(found, dict) or set(found) - {"from", "unit", "amount"}:
        raise ValueError(f"{key}: {found!r} is not a term with `from`, `unit` and `amount`")
    if found.get("from") not in ANCHORS:
        raise ValueError(f"{key}: counts from {found.get('from')!r}, which is none of {', '.join(ANCHORS)}")
    if found.get("unit") not in UNITS:
        raise ValueError(f"{key}: {found.get('unit')!r} is not a unit; there are {', '.join(UNITS)}")
    if found["unit"] in WITHOUT_AMOUNT:
        if "amount" in found:
            raise ValueError(f"{key}: {found['unit']} has no amount")
        return Deadline(anchor=found["from"], unit=found["unit"])
    return Deadline(anchor=found["from"], unit=found["unit"], amount=_whole(found, "amount"))


def _restriction(raw: Any) -> Restriction:
    table(raw, {"usual", "at_most"})
    found = Restriction(usual=_whole(raw, "usual"), at_most=_whole(raw, "at_most"))
    if found.usual > found.at_most:
        raise ValueError("a restriction usually ends not later than at most")
    return found


def _ladder_step(raw: Any) -> LadderStep:
    table(raw, {"item", "months"})
    if "months" not in raw:
        return LadderStep(_words(raw, "item"))
    months = raw["months"]
    if not isinstance(months, list) or len(months) != 2 or not all(type(one) is int for one in months):
        raise ValueError(f"{raw['item']}: months are two whole numbers, not {months!r}")
    return LadderStep(_words(raw, "item"), (months[0], months[1]))


def _sources(raw: dict[str, Any]) -> tuple[str, ...]:
    found = _codes(raw, "sources") if "sources" in raw else raw["sources"]
    if not found:
        raise ValueError("names no source; OWN is our own judgement")
    return tuple(found)


def _codes(raw: dict[str, Any], key: str) -> tuple[str, ...]:
    found = _list(raw, key) if key in raw else []
    if not all(isinstance(code, str) for code in found):
        raise ValueError(f"{key} is a list of codes, not {found!r}")
    return tuple(found)


def _list(raw: dict[str, Any], key: str) -> list[Any]:
    found = raw[key]
    if not isinstance(found, list):
        raise ValueError(f"{key} is a list, not {found!r}")
    return found


def _flag(raw: dict[str, Any], key: str, otherwise: bool | None = None) -> bool:
    found = raw[key] if otherwise is None else raw.get(key, otherwise)
    if not isinstance(found, bool):
        raise ValueError(f"{key} is true or false, not {found!r}")
    return found


def _words(raw: dict[str, Any], key: str) -> str:
    found = raw[key]
    if not isinstance(found, str) or not found.strip():
        raise ValueError(f"{key} is a text that is not empty, not {found!r}")
    return found


def _whole(raw: dict[str, Any], key: str) -> int:
    found = raw[key]
    if isinstance(found, bool) or not isinstance(found, int) or found < 1:
        raise ValueError(f"{key} is a whole number of 1 or more, not {found!r}")
    return found
