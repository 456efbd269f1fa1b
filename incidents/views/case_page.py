"""The page of one case: what is known, what the menu says and why, what was done. Put together, never changed, here."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy

from guidance.advice import Advised, LadderAdvice
from guidance.cards import card_for
from guidance.differences import ladder_step_text
from guidance.explaining import because_text, fact_text
from guidance.menu import Rule
from guidance.vocabulary import Phase
from incidents.actions.advice import advice_for
from incidents.actions.exclusions import named_for, people_who_see
from incidents.actions.trail import record_view
from incidents.forms.casework import NoteForm, OutcomeForm, ReasonForm, SeverityForm
from incidents.forms.closing import DeskReopenForm
from incidents.forms.questions import FactsForm
from incidents.forms.report import told_beside
from incidents.models import Incident, Measure, Task
from incidents.querysets import hidden_from
from incidents.views.case_people import case_people, told_later
from incidents.views.places import PortalRequest
from incidents.views.threads import case_threads
from incidents.views.typed import mark_of_writer
from incidents.vocabulary import MeasureStatus, TaskStatus

CLOCKS = (
    (gettext_lazy("Reaction"), ("R04", "R05", "R06", "R08")),
    (gettext_lazy("Police"), ("R11", "R12", "R13")),
    (gettext_lazy("Reception talk"), ("N02",)),
)


@dataclass(frozen=True)
class Clock:
    """A national norm that runs in this case: its next moment, or that it is met."""

    label: Any
    task: Task
    is_met: bool


@dataclass(frozen=True)
class Line:
    """One advice as the page shows it. `comes_along`: titles of what is never without it (R23 with a ban)."""

    measure: Measure
    comes_along: list[str]
    is_by_ladder: bool


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


def case_page(request: PortalRequest, incident: Incident, status: int = 200, **bound: Any) -> HttpResponse:
    """The case page, with a form that came back with errors in place of its empty one."""
    record_view(incident=incident, by=request.user, now=request.now)
    advised = advice_for(incident)
    with_people = Prefetch("tasks", Task.objects.filter(incident=incident).select_related("assignee"))
    measures: list[Measure] = list(
        incident.measures.annotate(runs_out_of_sight=hidden_from(request.user, "runs_in"))
        .select_related("decided_by", "runs_in")
        .prefetch_related(with_people)
    )
    people = case_people(incident)
    facts_form = bound.get("facts_form") or FactsForm(advised=advised)
    context = {
        "incident": incident,
        "facts": [
            (description.label, fact_text(description.name, value)) for description, value in incident.facts.known()
        ],
        "told_beside": told_beside(incident.details),
        **_what_was_done(measures, incident),
        **_what_the_menu_says(measures, advised),
        **case_threads(request, incident, [question.fact for question in facts_form.questions], bound),
        **people,
        "is_severity_open": incident.severity_confirmed_at is None,
        "named": named_for(request.user, incident, people_who_see(incident, request.now), told_later(people)),
        "has_newer_card": not incident.is_closed and card_for(incident.organisation).version != incident.menu_version,
        "facts_form": None if incident.is_closed else facts_form,
        "severity_form": SeverityForm(initial={"severity": incident.severity}),
        "note_form": NoteForm(),
        "outcome_form": OutcomeForm(),
        "desk_reopen_form": DeskReopenForm(),
        "writer": mark_of_writer(request.user),
        "reason_form": ReasonForm(auto_id=False),
        **bound,
    }
    return render(request, "incidents/case.html", context, status=status)


def _what_was_done(measures: list[Measure], incident: Incident) -> dict[str, Any]:
    tasks = sorted((task for measure in measures for task in measure.tasks.all()), key=_by_clock)
    still_open = [task for task in tasks if task.status == TaskStatus.OPEN]
    return {
        "open_tasks": still_open,
        "next_task": next((task for task in still_open if not task.is_on_hold), None),
        "ended_tasks": [task for task in tasks if task.status != TaskStatus.OPEN],
        "clocks": _clocks(tasks),
        "timeline": incident.timeline.select_related("by")[:200],
        "notes": incident.notes.select_related("by")[:100],
        "evidence": incident.evidence.select_related("uploaded_by"),
    }


def _what_the_menu_says(measures: list[Measure], advised: Advised) -> dict[str, Any]:
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
    every, ladder = advised.card.every, advised.ladder
    return Line(
        measure,
        comes_along=[every[code].title for code in measure.item.needs if code in every],
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


def _clocks(tasks: list[Task]) -> list[Clock]:
    """The national time norms of this case, each by its first task."""
    found = []
    for label, codes in CLOCKS:
        mine = [task for task in tasks if task.code in codes and task.due_at]
        done = [task for task in mine if task.status == TaskStatus.DONE]
        running = [task for task in mine if task.status == TaskStatus.OPEN]
        if done or running:
            found.append(Clock(label, (done or running)[0], bool(done)))
    return found


def _by_clock(task: Task) -> tuple[bool, Any, str]:
    return task.due_at is None, task.due_at, task.code


def _is_shown(measure: Measure) -> bool:
    """Whether it stands among the advice, and not with what was left out."""
    return measure.status != MeasureStatus.DECLINED and (
        measure.is_still_advised or measure.status == MeasureStatus.TAKEN
    )
