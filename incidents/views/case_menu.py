"""What the menu says in a case, as its page shows it: columns, choice groups, the ladder, what fell away."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from guidance.advice import Advised, LadderAdvice
from guidance.differences import ladder_step_text
from guidance.explaining import because_text
from guidance.menu import Item, Rule
from guidance.vocabulary import Phase
from incidents.models import Measure
from incidents.vocabulary import MeasureStatus


@dataclass(frozen=True)
class Kind:
    """What decides which buttons stand under an advice."""

    is_taken: bool
    can_be_chosen: bool


@dataclass(frozen=True)
class Line:
    """One advice as the page shows it, each thing looked up once.

    `months`: how long a restriction is suggested to last, else empty. `comes_along`: titles of what is never without it
    (R23 with a ban).
    """

    measure: Measure
    item: Item
    kind: Kind
    title: str
    months: str
    comes_along: list[str]
    is_by_ladder: bool

    @property
    def pk(self) -> str:
        return str(self.measure.pk)


@dataclass(frozen=True)
class Part:
    """A part of a column: one advice, or a choice group with the line that says how to choose."""

    lines: list[Line]
    text: str = ""


@dataclass(frozen=True)
class Rung:
    """A step of the ladder in words, and whether it is advised in this case."""

    text: str
    is_advised: bool


@dataclass(frozen=True)
class Ladder:
    """What the ladder suggests for this case. `is_own`: the organisation set this step itself."""

    advice: LadderAdvice
    rungs: list[Rung]
    is_own: bool
    sources: tuple[str, ...]


@dataclass(frozen=True)
class FellAway:
    """A rule between items, and what it took away here."""

    rule: Rule
    titles: list[str]


def what_the_menu_says(measures: list[Measure], advised: Advised) -> dict[str, Any]:
    """For templates/incidents/case_menu.html and case_severity.html. No query."""
    fell_away = _fell_away(advised)
    named = {item.code for item, _rule in advised.dropped}
    left_out = [m for m in measures if not _is_shown(m) and (m.decided_by_id or m.code not in named)]
    return {
        "columns": _columns(measures, advised),
        "left_out": left_out,
        "fell_away": fell_away,
        "left_out_count": len(left_out) + sum(len(one.titles) for one in fell_away),
        "severity_because": because_text((part.to_data() for part in advised.severity_because), advised.card.every),
        "ladder": _ladder(advised),
        "offences": advised.offences,
        "known_sources": advised.card.menu.sources,
    }


def _columns(measures: list[Measure], advised: Advised) -> list[tuple[Phase, list[Part]]]:
    """What is advised or chosen, by phase, in the order in which the menu gives it."""
    order = {code: number for number, code in enumerate(advised.codes)}
    shown = sorted((one for one in measures if _is_shown(one)), key=lambda one: order.get(one.code, len(order)))
    return [(phase, list(_parts([m for m in shown if m.phase == phase], advised))) for phase in Phase]


def _parts(measures: list[Measure], advised: Advised) -> Iterator[Part]:
    """Each by itself; those of a choice group together, where the first of them stands."""
    given: set[str] = set()
    for measure in measures:
        group = measure.item.choice_group
        together = [one for one in measures if one.item.choice_group == group] if group else []
        if len(together) < 2:
            yield Part([_line(measure, advised)])
        elif group not in given:
            given.add(group)
            text = str(advised.card.menu.choice_groups[group])
            yield Part([_line(one, advised) for one in together], text)


def _line(measure: Measure, advised: Advised) -> Line:
    every, ladder, item = advised.card.every, advised.ladder, measure.item
    return Line(
        measure,
        item,
        Kind(is_taken=measure.status == MeasureStatus.TAKEN, can_be_chosen=measure.can_be_chosen),
        title=item.title,
        months=measure.months_label,
        comes_along=[every[code].title for code in item.needs if code in every],
        is_by_ladder=ladder is not None and any(step.code == measure.code and step.months for step in ladder.steps),
    )


def _ladder(advised: Advised) -> Ladder | None:
    found = advised.ladder
    if found is None:
        return None
    fits, card = advised.decision.fits, advised.card
    return Ladder(
        advice=found,
        rungs=[Rung(ladder_step_text(step, card), step.code in fits) for step in found.steps],
        is_own=(found.severity, found.occurrence) in card.changes.ladder,
        sources=card.menu.ladder_sources,
    )


def _fell_away(advised: Advised) -> list[FellAway]:
    by_rule: dict[str, FellAway] = {}
    for item, rule in advised.dropped:
        by_rule.setdefault(rule.name, FellAway(rule, [])).titles.append(item.title)
    return list(by_rule.values())


def _is_shown(measure: Measure) -> bool:
    """Whether it stands among the advice, and not with what was left out."""
    return measure.status != MeasureStatus.DECLINED and (
        measure.is_still_advised or measure.status == MeasureStatus.TAKEN
    )
