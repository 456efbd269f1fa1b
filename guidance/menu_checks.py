"""What must hold between the pieces of a menu. Each fault is a file, a place in it, and the reason."""

from collections.abc import Iterable, Iterator, Mapping

from guidance.menu import OUR_OWN, Item, LadderStep, Menu, Rule
from guidance.vocabulary import Effect, ItemStatus

Fault = tuple[str, str, str]  # file, where in it, why


def faults_of(menu: Menu) -> Iterator[Fault]:
    """All that cannot be, in the order of the files."""
    for code, item in menu.items.items():
        yield from (("menu.toml", code, reason) for reason in _item_faults(item, menu))
    for rule in menu.rules:
        yield from (("menu.toml", f"rule {rule.name}", reason) for reason in _rule_faults(rule, menu))
    if cycle := _cycle(menu.items):
        yield "menu.toml", cycle[0], f"waits for itself: {' → '.join(cycle)}"
    yield from _reading_faults(menu)
    for cell, steps in menu.ladder.items():
        if reason := ladder_fault(steps, menu.items):
            yield "ladder.toml", f"severity {cell[0]}, {cell[1]}", reason
    yield from (("ladder.toml", "sources", reason) for reason in _source_faults(menu.ladder_sources, menu))
    for offence in menu.offences:
        where = f"offence {offence.article}"
        yield from (("offences.toml", where, reason) for reason in _source_faults(offence.sources, menu))
    yield from _doubles("menu.toml", "rule", [rule.name for rule in menu.rules])
    yield from _doubles("readings.toml", "assumption", [assumption.name for assumption in menu.assumptions])
    yield from _doubles("offences.toml", "offence", [offence.article for offence in menu.offences])


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


def _item_faults(item: Item, menu: Menu) -> Iterator[str]:
    unknown = [code for code in (*item.follows, *item.needs) if code not in menu.items]
    yield from (f"names {code}, which is not in the menu" for code in unknown)
    yield from _source_faults(item.sources, menu)
    if (item.status == ItemStatus.LAW) != (item.law_text is not None):
        yield "an item of status law names its law, and no other item does"
    if item.choice_group and item.choice_group not in menu.choice_groups:
        yield f"choice group {item.choice_group} does not exist"
    yield from _term_faults(item)
    for need in set(item.needs) - set(unknown):
        needed = menu.items[need]
        if needed.status == ItemStatus.OPTIONAL:
            yield f"needs {need}, which an organisation can switch off"
        if needed.follows and item.code not in needed.follows:
            yield f"needs {need}, which does not follow it"
    if item.restricts and not item.needs:
        yield "restricts someone, but nothing reviews and ends it: name that in `needs`"


def _term_faults(item: Item) -> Iterator[str]:
    deadlines = [step.deadline for step in item.steps] + [item.due_if_severe]
    if not item.follows and any(deadline and deadline.anchor == "followed" for deadline in deadlines):
        yield "a deadline counts from what it follows, but it follows nothing"
    if not item.follows and (item.follows_done or item.days_before_end):
        yield "waits for what it follows, or counts to its end, but it follows nothing"
    if item.due_alone and item.due_alone.anchor == "followed":
        yield "due_alone is for when it follows nothing, so it cannot count from that"


def _rule_faults(rule: Rule, menu: Menu) -> Iterator[str]:
    if not rule.items:
        yield "is about no item at all"
    for code in rule.items:
        if code not in menu.items:
            yield f"names {code}, which is not in the menu"
        elif rule.effect == Effect.DROP and menu.items[code].status == ItemStatus.LAW:
            yield f"drops {code}, which the law asks for"
    yield from _source_faults(rule.sources, menu)


def _reading_faults(menu: Menu) -> Iterator[Fault]:
    levels = [rule.level for rule in menu.severities]
    if levels != sorted(set(levels), reverse=True):
        yield "readings.toml", "severity", "each level stands once, the highest first"
    if not menu.severities or menu.severities[-1].condition != ((),):
        yield "readings.toml", "severity", "the last level must hold always: when = [[]]"
    for assumption in menu.assumptions:
        where = f"assumption {assumption.name}"
        yield from (("readings.toml", where, reason) for reason in _source_faults(assumption.sources, menu))


def _source_faults(keys: Iterable[str], menu: Menu) -> Iterator[str]:
    unknown = [key for key in keys if key not in menu.sources and key not in OUR_OWN]
    yield from (f"source {key} is not in sources.toml" for key in unknown)


def _doubles(file: str, kind: str, names: list[str]) -> Iterator[Fault]:
    for number, name in enumerate(names):
        if name in names[:number]:
            yield file, f"{kind} {name}", "stands there twice"


def _cycle(items: Mapping[str, Item]) -> list[str]:
    """The codes of a circle of items that wait for each other, or nothing."""

    def walk(code: str, trail: list[str]) -> list[str]:
        if code in trail:
            return [*trail[trail.index(code) :], code]
        after = items[code].follows if code in items else ()
        return next((found for one in after if (found := walk(one, [*trail, code]))), [])

    return next((found for code in items if (found := walk(code, []))), [])
