"""Choosing from the menu, or not: always with a name, and a reason where something is left out."""

from datetime import datetime

from django.db import transaction

from incidents.actions.advice import advice_for, anchors_of, create_tasks, release_followers
from incidents.actions.refusals import AlreadyDecided, CaseClosed, ComesByItself, ReasonNeeded
from incidents.actions.tasks import decline_task
from incidents.actions.trail import note_in_trail
from incidents.models import Incident, Measure
from incidents.vocabulary import CaseStatus, MeasureStatus, TaskStatus, TimelineKind
from vpdportal.accounts.models import User


def take_measure(*, measure: Measure, by: User, now: datetime) -> Measure:
    """Choose an advice: it becomes tasks, and so does what follows it (R23 a ban). Raises AlreadyDecided."""
    with transaction.atomic():
        measure = _locked(measure)
        if not measure.can_be_chosen and measure.status != MeasureStatus.DECLINED:
            raise AlreadyDecided if measure.status == MeasureStatus.TAKEN else ComesByItself
        incident = measure.incident
        _decide(measure, MeasureStatus.TAKEN, "", by, now)
        advised = advice_for(incident, anchors_of(incident))
        by_code = {advice.item.code: advice for advice in advised.advice}
        if measure.code in by_code:
            create_tasks(incident=incident, measures=[measure], advice=by_code, now=now)
        note_in_trail(incident=incident, kind=TimelineKind.MEASURE_TAKEN, by=by, now=now, code=measure.code)
        release_followers(incident=incident, code=measure.code, now=now, is_done=False)
    return measure


def decline_measure(*, measure: Measure, reason: str, by: User, now: datetime) -> Measure:
    """Leave an advice out, and why; its open tasks end with the same reason. Raises ReasonNeeded, AlreadyDecided."""
    if not reason.strip():
        raise ReasonNeeded
    with transaction.atomic():
        measure = _locked(measure)
        if measure.status == MeasureStatus.DECLINED:
            raise AlreadyDecided
        _decide(measure, MeasureStatus.DECLINED, reason.strip(), by, now)
        for task in measure.tasks.filter(status=TaskStatus.OPEN):
            decline_task(task=task, reason=reason, by=by, now=now)
        note_in_trail(incident=measure.incident, kind=TimelineKind.MEASURE_DECLINED, by=by, now=now, code=measure.code)
    return measure


def _decide(measure: Measure, status: MeasureStatus, reason: str, by: User, now: datetime) -> None:
    measure.status, measure.reason = status, reason
    measure.decided_at, measure.decided_by = now, by
    measure.save(update_fields=["status", "reason", "decided_at", "decided_by"])
    Incident.objects.filter(pk=measure.incident_id, status=CaseStatus.RECEIVED).update(status=CaseStatus.IN_PROGRESS)


def _locked(measure: Measure) -> Measure:
    """The row as it is now, held for this transaction, its case first. Raises CaseClosed."""
    incident = (
        Incident.objects.select_for_update(of=("self",), no_key=True)
        .select_related("organisation")
        .get(pk=measure.incident_id)
    )
    if incident.is_closed:
        raise CaseClosed
    fresh = Measure.objects.select_for_update(of=("self",), no_key=True).get(pk=measure.pk)
    fresh.incident = incident
    return fresh
