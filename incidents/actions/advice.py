"""Asking the menu: its answer becomes measures, and what law or a national norm asks becomes tasks at once.

A case keeps the version of the card that it was advised by (`Incident.menu_version`) until someone takes a newer one
over (actions/renewal.py).
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Case, When
from django.db.models.functions import Coalesce

from guidance.advice import Advice, Advised, advise, for_near_miss, propose_severity
from guidance.card import Card
from guidance.cards import card_at
from guidance.deadlines import Moments, end_of_day
from guidance.facts import Facts
from guidance.vocabulary import Severity, Strength
from incidents.actions.duty import on_duty
from incidents.actions.refusals import CaseClosed
from incidents.actions.reminders.planning import plan_first_notices, plan_notices, replan_notices
from incidents.actions.trail import note_in_trail
from incidents.models import Incident, Measure, Task
from incidents.vocabulary import (
    MENU_CODES,
    RESTRICTING,
    CareStatus,
    MeasureStatus,
    ReactionKind,
    ReactionStatus,
    TaskStatus,
    TimelineKind,
)
from vpdportal.accounts.models import User


def card_of(incident: Incident) -> Card:
    """The card by which this case is advised."""
    return card_at(incident.organisation_id, incident.menu_version)


def advice_for(incident: Incident, anchors: dict[str, datetime] | None = None, card: Card | None = None) -> Advised:
    """What the menu says now about this incident, on its own card or another one. Changes nothing.

    The severity is a fact once someone confirmed it; until then it is what the other facts ask for, unless it is a 4
    that waits for two people to lower it.
    """
    is_settled = incident.severity_confirmed_at or incident.severity > incident.severity_proposed
    severity = incident.severity if is_settled else None
    facts = replace(incident.facts, severity=severity)
    moments = Moments(
        incident_at=incident.occurred_at,
        reported_at=incident.reported_at,
        anchors=anchors or {},
        ends=ends_of(incident) if anchors is not None else {},
    )
    advised = advise(facts, card or card_of(incident), moments)
    return for_near_miss(advised) if incident.is_near_miss else advised


def ask_the_menu(*, incident: Incident, now: datetime, by: User | None = None) -> Advised:
    """Bring measures and tasks in line with the facts and the card. What a person decided stays as decided."""
    with transaction.atomic():
        advised = advice_for(incident, anchors_of(incident))
        known = {measure.code: measure for measure in incident.measures.all()}
        fresh = [
            _new_measure(incident, advice, advised, now) for advice in advised.advice if advice.item.code not in known
        ]
        _leave_to_the_team(incident, fresh, now)
        Measure.objects.bulk_create(fresh)
        by_code = {advice.item.code: advice for advice in advised.advice}
        became_must = _refresh(known, by_code, advised.decision.held)
        must = [*(measure for measure in fresh if measure.status == MeasureStatus.TAKEN), *became_must]
        create_tasks(incident=incident, measures=must, advice=by_code, now=now)
        if known:  # terms may have moved, and what has become severe waits for no mail of the day
            replan_notices(tasks=incident.tasks.filter(status=TaskStatus.OPEN), now=now)
        note_in_trail(
            incident=incident, kind=TimelineKind.ADVISED, by=by, now=now, fields=[measure.code for measure in fresh]
        )
    return advised


def ask_the_menu_first(*, incident: Incident, now: datetime) -> Advised:
    """As ask_the_menu, of a case that is being stored: it has no measures, tasks or ends yet, so none are read.

    In the caller's transaction. The tasks go to `incident.adviser`, whom the caller has just found on duty.
    """
    advised = advice_for(incident)
    fresh = [_new_measure(incident, advice, advised, now) for advice in advised.advice]
    _leave_to_the_team(incident, fresh, now)
    Measure.objects.bulk_create(fresh)
    by_code = {advice.item.code: advice for advice in advised.advice}
    must = [measure for measure in fresh if measure.status == MeasureStatus.TAKEN]
    tasks = _store_tasks(incident, must, by_code, incident.adviser, now)
    plan_first_notices(tasks=tasks, severity=incident.severity, now=now)
    codes = [measure.code for measure in fresh]
    note_in_trail(incident=incident, kind=TimelineKind.ADVISED, by=None, now=now, fields=codes, is_new=True)
    return advised


def complete_facts(*, incident: Incident, answers: dict[str, Any], by: User, now: datetime) -> Advised:
    """Add what has become known (dotted fact → value, None for "not known") and ask the menu again.

    Raises CaseClosed, and guidance's FactsError when a value does not fit.
    """
    with transaction.atomic():
        incident = (
            Incident.objects.select_for_update(of=("self",), no_key=True)
            .select_related("organisation")
            .get(pk=incident.pk)
        )
        if incident.is_closed:
            raise CaseClosed
        facts = Facts.from_dict(_merged(incident.facts.to_dict(), answers))
        incident.facts = facts
        incident.main_behaviour, incident.channel = facts.behaviours[0], facts.channel
        incident.target_group, incident.motive = facts.target_group, facts.motive or ""
        incident.is_perpetrator_known = facts.perpetrator_known
        changed = ["sealed_facts", "main_behaviour", "channel", "target_group", "motive", "is_perpetrator_known"]
        propose_anew(incident)
        changed += ["severity", "severity_proposed"]
        incident.save(update_fields=changed)
        note_in_trail(incident=incident, kind=TimelineKind.FACTS_ADDED, by=by, now=now, fields=sorted(answers))
        return ask_the_menu(incident=incident, now=now, by=by)


def propose_anew(incident: Incident) -> None:
    """Let the proposed severity follow the facts; and the severity, until someone confirmed it. Saves nothing.

    A 4 stays until two people lower it (actions/case.py): a fact that changes is no second person.
    """
    incident.severity_proposed = propose_severity(incident.facts, card_of(incident))
    if incident.severity_confirmed_at is None and incident.severity != Severity.VIOLENT:
        incident.severity = incident.severity_proposed


def create_tasks(
    *, incident: Incident, measures: Iterable[Measure], advice: dict[str, Advice], now: datetime
) -> list[Task]:
    """One task a step for each measure that waits for nothing more, with its notices, for the adviser on duty."""
    tasks = _store_tasks(incident, measures, advice, on_duty(incident, now), now)
    plan_notices(tasks=tasks, now=now)
    return tasks


def _store_tasks(
    incident: Incident, measures: Iterable[Measure], advice: dict[str, Advice], owner: User | None, now: datetime
) -> list[Task]:
    tasks = [
        Task(
            organisation_id=incident.organisation_id,
            incident=incident,
            measure=measure,
            code=measure.code,
            step=step.number,
            menu_version=measure.menu_version,
            assignee=owner,
            assigned_at=now,
            due_at=step.due,
            is_on_hold=measure.is_on_hold,
        )
        for measure in measures
        for step in advice[measure.code].steps
    ]
    Task.objects.bulk_create(tasks)
    return tasks


def release_followers(*, incident: Incident, code: str, now: datetime, is_done: bool) -> None:
    """Make tasks of the measures that waited for `code` to be chosen, or (is_done) for it to be held.

    What someone put off stays so: that person is asked on the day that was chosen.
    """
    if not any(code in item.follows or code in item.needs for item in card_of(incident).every.values()):
        return
    decided = (MeasureStatus.DECLINED, MeasureStatus.HELD)
    waiting = incident.measures.filter(tasks__isnull=True).exclude(status__in=decided)
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
    """When each item of this incident was held or done, for deadlines that count from it (N03 from N02).

    Of a talk: when it was held, which is not when someone wrote that down.
    """
    chosen = incident.measures.filter(status=MeasureStatus.TAKEN, decided_at__isnull=False)
    held_at = Case(When(care__status=CareStatus.HELD, then="care__planned_at"))
    done = incident.tasks.filter(status=TaskStatus.DONE).order_by("finished_at")
    return {
        **{measure.code: measure.decided_at for measure in chosen if measure.decided_at},
        **dict(done.values_list("code", Coalesce(held_at, "finished_at"))),
    }


def ends_of(incident: Incident) -> dict[str, datetime | None]:
    """When what restricts someone in this case really ends, by the code of its item; None where it has ended."""
    ends: dict[str, datetime | None] = {}
    rows = incident.reactions.filter(kind__in=RESTRICTING, status__in=(ReactionStatus.ACTIVE, ReactionStatus.ENDED))
    for kind, status, day in rows.order_by("ends_on").values_list("kind", "status", "ends_on"):
        code = MENU_CODES[ReactionKind(kind)]
        if status == ReactionStatus.ENDED:
            ends.setdefault(code, None)
        elif day and ends.get(code) is None:
            ends[code] = end_of_day(day)
    return ends


def refresh_reviews(*, incident: Incident, now: datetime) -> None:
    """Let the terms that count back from an end (R23) follow what was given or has ended. In the caller's transaction.

    Asks for no other advice.
    """
    advised = advice_for(incident, anchors_of(incident))
    by_code = {advice.item.code: advice for advice in advised.advice if advice.item.days_before_end}
    known = {measure.code: measure for measure in incident.measures.filter(code__in=by_code)}
    _refresh(known, by_code, advised.decision.held)
    replan_notices(tasks=incident.tasks.filter(status=TaskStatus.OPEN, code__in=by_code), now=now)


def _new_measure(incident: Incident, advice: Advice, advised: Advised, now: datetime) -> Measure:
    is_task_at_once = advice.strength == Strength.MUST and not advice.waits_for
    return Measure(
        organisation_id=incident.organisation_id,
        incident=incident,
        code=advice.item.code,
        status=MeasureStatus.TAKEN if is_task_at_once else MeasureStatus.PROPOSED,
        advised_at=now,
        **_answer(advice),
    )


def _leave_to_the_team(incident: Incident, fresh: list[Measure], now: datetime) -> None:
    """What is about the team (training, house rules) makes no second task while the team has a recent one."""
    about_team = {m.code: m for m in fresh if m.status == MeasureStatus.TAKEN and m.item.once_in_team_days}
    if not about_team:
        return
    tasks = Task.objects.filter(
        organisation=incident.organisation_id, incident__department=incident.department_id, code__in=about_team
    ).exclude(status=TaskStatus.DECLINED)
    for code, case, given_at in tasks.order_by("assigned_at").values_list("code", "incident_id", "assigned_at"):
        measure = about_team[code]
        if given_at > now - timedelta(days=measure.item.once_in_team_days):
            measure.status, measure.runs_in_id = MeasureStatus.PROPOSED, case


def _refresh(known: dict[str, Measure], by_code: dict[str, Advice], held: Collection[str]) -> list[Measure]:
    """Give the measures that were there before their new reason and deadline; mark those that lost theirs.

    `held`: codes of what has to wait, also where it is advised no longer: its tasks may run. Gives those that nobody
    had decided on and that have to be done now.
    """
    changed, became_must = [], []
    for code, measure in known.items():
        if code in by_code and _is_must_now(measure, by_code[code]):
            measure.status = MeasureStatus.TAKEN
            became_must.append(measure)
        answer = {"is_still_advised": code in by_code, "is_on_hold": code in held}
        answer |= _answer(by_code[code]) if code in by_code else {}
        if any(getattr(measure, field) != value for field, value in answer.items()):
            for field, value in answer.items():
                setattr(measure, field, value)
            changed.append(measure)
    if not changed:
        return []
    fields = {"status", "is_still_advised", "is_on_hold", *(_answer(next(iter(by_code.values()))) if by_code else ())}
    Measure.objects.bulk_update(changed, fields)
    _refresh_tasks(changed, by_code)
    return became_must


def _is_must_now(measure: Measure, advice: Advice) -> bool:
    is_new = measure.strength != Strength.MUST and advice.strength == Strength.MUST
    return is_new and measure.status == MeasureStatus.PROPOSED and not advice.waits_for


def _refresh_tasks(measures: list[Measure], by_code: dict[str, Advice]) -> None:
    """Let open tasks follow their measures: on hold or not, the words of its card, and a term that changed.

    Not the term that a person gave.
    """
    by_pk = {measure.pk: measure for measure in measures}
    tasks = list(Task.objects.filter(measure__in=by_pk, status=TaskStatus.OPEN))
    for task in tasks:
        assert task.measure_id is not None
        measure = by_pk[task.measure_id]
        task.is_on_hold, task.menu_version = measure.is_on_hold, measure.menu_version
        steps = {step.number: step.due for step in by_code[task.code].steps} if task.code in by_code else {}
        new_due = steps.get(task.step)
        if new_due is not None and new_due != task.due_at and measure.own_due_at is None:
            task.due_at = new_due
    Task.objects.bulk_update(tasks, ["is_on_hold", "menu_version", "due_at"])


def _answer(advice: Advice) -> dict[str, Any]:
    months = advice.months or (None, None)
    return {
        "phase": advice.item.phase,
        "strength": advice.strength,
        "due_at": advice.due,
        "is_late_report": advice.is_late_report,
        "is_on_hold": advice.is_on_hold,
        "because": [because.to_data() for because in advice.because],
        "waits_for": list(advice.waits_for),
        "menu_version": advice.card.version,
        "months_from": months[0],
        "months_to": months[1],
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
