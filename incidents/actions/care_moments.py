"""A moment of aftercare and the task it hangs on: which belongs to which, for whom it is, and how both end together.

A talk of the menu (N01 to N06) is first only a task: "to be planned". It gets its row when someone plans it, answers to
it or has held it, and that row carries the id of the task, so that its address stays the same. A moment that is asked
for again after its task ended hangs on a task of its own (TaskKind.TALK).
"""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from incidents.actions.advice import advice_for, anchors_of, create_tasks
from incidents.actions.news import tell
from incidents.actions.refusals import Refused
from incidents.actions.trail import note_in_trail
from incidents.models import CareMoment, Incident, Measure, Task
from incidents.vocabulary import (
    CARE_CODES,
    CareFor,
    CareKind,
    CareStatus,
    MeasureStatus,
    NewsKind,
    ReporterIs,
    TaskKind,
    TaskStatus,
    TimelineKind,
)
from vpdportal.accounts.models import User

CARE_KINDS = {code: kind for kind, code in CARE_CODES.items()}
ENDED = frozenset({CareStatus.HELD, CareStatus.CANCELLED})
WITHOUT_WISH = ENDED | {CareStatus.DECLINED}
# From what it is to what it may become. Planning it anew is always possible until it ended.
MAY_BECOME: dict[CareStatus, frozenset[CareStatus]] = {
    CareStatus.PLANNED: frozenset(CareStatus),
    CareStatus.ACCEPTED: frozenset(CareStatus) - {CareStatus.ACCEPTED},
    CareStatus.MOVE_ASKED: frozenset(CareStatus) - {CareStatus.ACCEPTED},
    CareStatus.DECLINED: frozenset({CareStatus.PLANNED, CareStatus.MOVE_ASKED}),
    CareStatus.HELD: frozenset(),
    CareStatus.CANCELLED: frozenset(),
}
CARE_TIMELINE = (
    TimelineKind.CARE_PLANNED,
    TimelineKind.CARE_MOVED,
    TimelineKind.CARE_HELD,
    TimelineKind.CARE_ACCEPTED,
    TimelineKind.CARE_DECLINED,
    TimelineKind.CARE_ASKED,
)


class NotACareMoment(Refused):
    message = _("This is not a talk that can be planned here. Look at the page of the case again.")


class CareEnded(Refused):
    message = _("This talk was held or is no longer needed. Add another moment when one is wanted.")


class CareChanged(Refused):
    message = _("This talk was changed while you looked at it. See how it stands now, then choose again.")
    by_name = _(
        "%(name)s changed this talk while you looked at it (%(moment)s). See how it stands now, then choose again."
    )


def person_hit(incident: Incident) -> User | None:
    """Whom it happened to, when that person has an account in it: linked, or who reported it about themselves."""
    if incident.affected_id:
        return incident.affected
    is_about_self = incident.reporter_is == ReporterIs.SELF and not incident.affected_name
    return incident.reporter if is_about_self else None


def locked_case(incident: Incident) -> Incident:
    """The case as it is now, held for this transaction: no moment of it changes meanwhile."""
    rows = Incident.objects.select_for_update(of=("self",), no_key=True)
    fresh: Incident = rows.select_related("organisation", "department", "reporter", "affected").get(pk=incident.pk)
    return fresh


def moment_with(incident: Incident, key: UUID) -> CareMoment:
    """The moment with this id; a new one, not stored yet, for an open task of the menu that has none.

    Raises NotACareMoment.
    """
    moment: CareMoment | None = (
        incident.care.select_related("task__assignee").filter(pk=key).first()
        or incident.care.select_related("task__assignee").filter(task=key).first()
    )
    if moment is None:
        rows = incident.tasks.filter(pk=key, code__in=CARE_KINDS, step=0, status=TaskStatus.OPEN)
        task = rows.select_related("assignee").first()
        if task is None:
            raise NotACareMoment
        moment = CareMoment(
            pk=task.pk,
            organisation_id=incident.organisation_id,
            incident=incident,
            task=task,
            kind=CARE_KINDS[task.code],
            care_for=CareFor.AFFECTED,
            user=person_hit(incident),
        )
    moment.incident = moment.task.incident = incident
    return moment


def check(moment: CareMoment, to: CareStatus, revision: int) -> None:
    """That it is still as it was on the screen (`revision`), and may become this. Raises CareChanged, CareEnded."""
    if moment.revision != revision:
        raise CareChanged(_who_changed(moment))
    if to not in MAY_BECOME[CareStatus(moment.status)]:
        raise CareEnded


def keep(moment: CareMoment, **values: Any) -> CareMoment:
    """Store it with these values, as its next revision.

    Of a talk that was held, declined or not needed the wish goes: people write in it how they are.
    """
    for name, value in values.items():
        setattr(moment, name, value)
    if moment.status in WITHOUT_WISH:
        moment.wish = ""
    moment.revision += 1
    moment.save()
    return moment


def note_care(moment: CareMoment, kind: TimelineKind, by: User, now: datetime) -> None:
    """The rows of the trail; which moment it was stands in the audit row only."""
    code = CARE_CODES.get(CareKind(moment.kind), "")
    note_in_trail(incident=moment.incident, kind=kind, by=by, now=now, code=code, fields=[str(moment.pk)])


def end_care_of(*, task: Task, by: User, now: datetime) -> None:
    """Let the moment on a task that has just ended end with it: held, or no longer needed. In the caller's transaction.

    What the person declined stays declined.
    """
    if not task.is_talk:
        return
    moment = CareMoment.objects.filter(task=task).exclude(status__in=(*ENDED, CareStatus.DECLINED)).first()
    if moment is None:
        return
    moment.incident = task.incident
    is_held = task.status == TaskStatus.DONE
    if is_held and moment.status == CareStatus.MOVE_ASKED:  # not at the moment that did not suit
        moment.planned_at = now
    keep(moment, status=CareStatus.HELD if is_held else CareStatus.CANCELLED, ended_at=now)
    if is_held:
        note_care(moment, TimelineKind.CARE_HELD, by, now)
        if task.kind == TaskKind.TALK and moment.kind in CARE_CODES:
            _release_followers(moment, now)


def ask_anew(*, task: Task, by: User | None, now: datetime) -> None:
    """Someone else gives a talk that was planned: the person hears of it, and is asked again whether it suits."""
    if not task.is_talk:
        return
    agreed = CareMoment.objects.filter(task=task, status__in=(CareStatus.PLANNED, CareStatus.ACCEPTED))
    moment = agreed.exclude(planned_at=None).first()
    if moment is None:
        return
    moment.incident = task.incident
    keep(moment, status=CareStatus.PLANNED, answered_at=None)
    tell_of_talk(moment, by, now)


def tell_of_talk(moment: CareMoment, by: User | None, now: datetime) -> None:
    """Let the person hear when the talk is, and with whom. Who was hit may have got an account, or another, since."""
    person = person_hit(moment.incident) if moment.care_for == CareFor.AFFECTED else moment.user
    about = uuid5(moment.pk, f"planned {moment.revision}")
    tell(incident=moment.incident, kind=NewsKind.CARE, recipients=[person], about=about, by=by, now=now)


def want_care_again(task: Task) -> None:
    """Let the moment on a task that was not needed and is open again be planned anew. In the caller's transaction.

    What the person declined stays declined.
    """
    moment = CareMoment.objects.filter(task=task, status=CareStatus.CANCELLED).first()
    if moment is not None:
        keep(moment, status=CareStatus.PLANNED, planned_at=None, ended_at=None)


def _release_followers(moment: CareMoment, now: datetime) -> None:
    """The talks that count from this one, where it was held on a task of its own: the menu sees no task of it done."""
    incident, code = moment.incident, CARE_CODES[CareKind(moment.kind)]
    advised = advice_for(incident, {**anchors_of(incident), code: moment.planned_at or now})
    by_code = {advice.item.code: advice for advice in advised.advice}
    waiting = incident.measures.filter(tasks__isnull=True, code__in=by_code).exclude(status=MeasureStatus.DECLINED)
    ready = [m for m in waiting if code in m.waits_for and m.item.follows_done]
    for measure in ready:
        measure.status, measure.due_at = MeasureStatus.TAKEN, by_code[measure.code].due
    Measure.objects.bulk_update(ready, ["status", "due_at"])
    create_tasks(incident=incident, measures=ready, advice=by_code, now=now)


def _who_changed(moment: CareMoment) -> str:
    code = CARE_CODES.get(CareKind(moment.kind), "")
    rows = moment.incident.timeline.filter(kind__in=CARE_TIMELINE, code=code).select_related("by")
    last = rows.order_by("-at", "-id").first()
    if last is None or last.by is None:
        return str(CareChanged.message)
    return str(CareChanged.by_name) % {"name": last.by.name, "moment": date_format(localtime(last.at), "j F H:i")}
