"""Asking the menu: its answer becomes measures, and what law or a national norm asks becomes tasks at once."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from guidance.advice import Advice, Advised, advise
from guidance.cards import card_for
from guidance.deadlines import Moments
from guidance.facts import Facts
from guidance.menu import load_menu
from guidance.severity import propose_severity
from guidance.vocabulary import Strength
from incidents.actions.notices import plan_notices
from incidents.actions.refusals import CaseClosed
from incidents.actions.trail import note_in_trail
from incidents.models import Incident, Measure, Task
from incidents.vocabulary import MeasureStatus, TaskStatus, TimelineKind
from vpdportal.accounts.access import duty_adviser
from vpdportal.accounts.models import User


def advice_for(incident: Incident, anchors: dict[str, datetime] | None = None) -> Advised:
    """What the menu says now about this incident. Reads nothing but the organisation's card; changes nothing."""
    facts = replace(incident.facts, severity=incident.severity)
    moments = Moments(incident_at=incident.occurred_at, reported_at=incident.reported_at, anchors=anchors or {})
    return advise(facts, card_for(incident.organisation), moments)


def ask_the_menu(*, incident: Incident, now: datetime, by: User | None = None) -> Advised:
    """Bring measures and tasks in line with the facts. What a person decided stays as decided."""
    with transaction.atomic():
        advised = advice_for(incident, anchors_of(incident))
        known = {measure.code: measure for measure in incident.measures.all()}
        fresh = [
            _new_measure(incident, advice, advised, now) for advice in advised.advice if advice.item.code not in known
        ]
        Measure.objects.bulk_create(fresh)
        _refresh(known, advised, now)
        incident.menu_version = advised.menu_version
        incident.save(update_fields=["menu_version"])
        by_code = {advice.item.code: advice for advice in advised.advice}
        must = [m for m in fresh if m.status == MeasureStatus.TAKEN]
        create_tasks(incident=incident, measures=must, advice=by_code, now=now)
        note_in_trail(
            incident=incident, kind=TimelineKind.ADVISED, by=by, now=now, fields=[measure.code for measure in fresh]
        )
    return advised


def complete_facts(*, incident: Incident, answers: dict[str, Any], by: User, now: datetime) -> Advised:
    """Add what has become known (dotted fact → value, None for "not known") and ask the menu again.

    Raises CaseClosed, and guidance's FactsError when a value does not fit.
    """
    with transaction.atomic():
        incident = Incident.objects.select_for_update().select_related("organisation").get(pk=incident.pk)
        if incident.is_closed:
            raise CaseClosed
        facts = Facts.from_dict(_merged(incident.facts.to_dict(), answers))
        incident.facts = facts
        incident.is_perpetrator_known = facts.perpetrator_known
        changed = ["sealed_facts", "is_perpetrator_known"]
        if incident.severity_confirmed_at is None:
            incident.severity = incident.severity_proposed = propose_severity(facts).level
            changed += ["severity", "severity_proposed"]
        incident.save(update_fields=changed)
        note_in_trail(incident=incident, kind=TimelineKind.FACTS_ADDED, by=by, now=now, fields=sorted(answers))
        return ask_the_menu(incident=incident, now=now, by=by)


def create_tasks(
    *, incident: Incident, measures: Iterable[Measure], advice: dict[str, Advice], now: datetime
) -> list[Task]:
    """One task a step for each measure that waits for nothing more, with its notices, for the adviser on duty."""
    owner = duty_adviser(incident.organisation_id, now)
    tasks = [
        Task(
            organisation_id=incident.organisation_id,
            incident=incident,
            measure=measure,
            code=measure.code,
            step=step.number,
            assignee=owner,
            assigned_at=now,
            due_at=step.due,
            is_on_hold=measure.is_on_hold,
        )
        for measure in measures
        for step in advice[measure.code].steps
    ]
    Task.objects.bulk_create(tasks)
    plan_notices(tasks=tasks, now=now)
    return tasks


def release_followers(*, incident: Incident, code: str, now: datetime, is_done: bool) -> None:
    """Make tasks of the measures that waited for `code` to be chosen, or (is_done) for it to be held."""
    if not any(code in item.follows for item in load_menu().items.values()):
        return
    waiting = incident.measures.filter(tasks__isnull=True).exclude(status=MeasureStatus.DECLINED)
    ready = [m for m in waiting if code in m.waits_for and m.item.follows_done == is_done]
    if not ready:
        return
    advised = advice_for(incident, anchors_of(incident))
    by_code = {advice.item.code: advice for advice in advised.advice}
    ready = [measure for measure in ready if measure.code in by_code]
    for measure in ready:
        measure.status, measure.due_at = MeasureStatus.TAKEN, by_code[measure.code].due
    Measure.objects.bulk_update(ready, ["status", "due_at"])
    create_tasks(incident=incident, measures=ready, advice=by_code, now=now)


def anchors_of(incident: Incident) -> dict[str, datetime]:
    """When each item of this incident was held or done, for deadlines that count from it (N03 from N02)."""
    chosen = incident.measures.filter(status=MeasureStatus.TAKEN, decided_at__isnull=False)
    done = incident.tasks.filter(status=TaskStatus.DONE).order_by("finished_at")
    return {
        **{measure.code: measure.decided_at for measure in chosen if measure.decided_at},
        **{task.code: task.finished_at for task in done if task.finished_at},
    }


def _new_measure(incident: Incident, advice: Advice, advised: Advised, now: datetime) -> Measure:
    is_task_at_once = advice.strength == Strength.MUST and not advice.waits_for
    return Measure(
        organisation_id=incident.organisation_id,
        incident=incident,
        code=advice.item.code,
        phase=advice.item.phase,
        status=MeasureStatus.TAKEN if is_task_at_once else MeasureStatus.PROPOSED,
        menu_version=advised.menu_version,
        advised_at=now,
        **_answer(advice),
    )


def _refresh(known: dict[str, Measure], advised: Advised, now: datetime) -> None:
    """Give the measures that were there before their new reason and deadline; mark those that lost theirs."""
    by_code = {advice.item.code: advice for advice in advised.advice}
    changed = []
    for code, measure in known.items():
        answer = {"is_still_advised": code in by_code, **(_answer(by_code[code]) if code in by_code else {})}
        if any(getattr(measure, field) != value for field, value in answer.items()):
            for field, value in answer.items():
                setattr(measure, field, value)
            changed.append(measure)
    if not changed:
        return
    fields = ["strength", "due_at", "is_late_report", "is_on_hold", "because", "waits_for", "is_still_advised"]
    Measure.objects.bulk_update(changed, fields)
    on_hold = [measure.pk for measure in known.values() if measure.is_on_hold]
    tasks = Task.objects.filter(measure__in=[measure.pk for measure in known.values()])
    tasks.filter(measure__in=on_hold, is_on_hold=False).update(is_on_hold=True)
    tasks.exclude(measure__in=on_hold).filter(is_on_hold=True).update(is_on_hold=False)


def _answer(advice: Advice) -> dict[str, Any]:
    return {
        "strength": advice.strength,
        "due_at": advice.due,
        "is_late_report": advice.is_late_report,
        "is_on_hold": advice.is_on_hold,
        "because": [because.to_data() for because in advice.because],
        "waits_for": list(advice.waits_for),
    }


def _merged(facts: dict[str, Any], answers: dict[str, Any]) -> dict[str, Any]:
    """The nested facts with the dotted answers in place; None takes a fact back to unknown."""
    for dotted, value in answers.items():
        group, _, name = dotted.rpartition(".")
        target = facts.setdefault(group, {}) if group else facts
        if value is None:
            target.pop(name, None)
        else:
            target[name] = value
    return facts
