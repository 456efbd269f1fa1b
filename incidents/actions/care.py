"""Planning aftercare: a moment, a place, with whom; held, not needed, or one more for somebody else.

Who has the task does it, or the desk. Nothing here takes a word of what is said in a talk.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from incidents.actions.care_moments import (
    CareEnded,
    check,
    keep,
    locked_case,
    moment_with,
    note_care,
    person_hit,
    tell_of_talk,
)
from incidents.actions.care_tasks import give_own_task
from incidents.actions.duty import kept_out
from incidents.actions.exclusions import ManagerMustNotSee, managers_left_out
from incidents.actions.people import IsKeptOut, called_before
from incidents.actions.refusals import CannotBeGiven, CaseClosed, Refused
from incidents.actions.reminders.planning import tell_of_task_again
from incidents.actions.tasks import add_task, decline_task, finish_task, hand_over_task
from incidents.models import CareMoment, Incident, Task
from incidents.vocabulary import CareFor, CareKind, CareStatus, TaskKind, TaskStatus, TimelineKind
from vpdportal.accounts.access import staying
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import Right
from vpdportal.tenancy import everywhere

ONE_DAY = timedelta(days=1)
MOST_EXTRA = 40  # moments beside the rhythm, in one case [OWN]


class InThePast(Refused):
    message = _("This moment has passed. Was the talk held? Then say so under “It was held”.")


class NotYet(Refused):
    message = _("This moment is still to come, so the talk cannot have been held. Check the day and the hour.")


class BeforeItHappened(Refused):
    message = _("This is before it happened. Check the day and the hour.")


class TooManyMoments(Refused):
    message = _("There are forty extra moments in this case already. Use one of those.")


@dataclass(frozen=True)
class Appointment:
    """When and where, and who gives it (None: who has the task now)."""

    at: datetime
    place: str = ""
    given_by: User | None = None


@dataclass(frozen=True)
class Someone:
    """For whom an extra moment is: an account, or a name and how to reach that person."""

    care_for: CareFor
    user: User | None = None
    name: str = ""
    contact: str = ""


def plan_care(*, task: Task, appointment: Appointment, revision: int, by: User, now: datetime) -> CareMoment:
    """Plan the talk of this task, or move it; the person is asked anew. Later than its deadline is allowed.

    `revision`: of the moment as it was on the screen, 0 where it had no row yet. The same once more changes nothing.
    Raises CaseClosed, NotACareMoment, CareChanged, CareEnded, InThePast, and what hand_over_task raises.
    """
    with transaction.atomic():
        moment = _locked(task)
        if _is_as_asked(moment, appointment):
            return moment
        check(moment, CareStatus.PLANNED, revision)
        if appointment.at < now - ONE_DAY:
            raise InThePast
        is_moved = moment.planned_at is not None
        with_open_task(moment, appointment.given_by, by, now)
        given_by = appointment.given_by
        if given_by and given_by.pk != moment.task.assignee_id:
            moment.task = hand_over_task(task=moment.task, to=given_by, by=by, now=now, asks_anew=False)
        keep(
            moment,
            status=CareStatus.PLANNED,
            planned_at=appointment.at,
            place=appointment.place.strip(),
            wish="",
            answered_at=None,
        )
        note_care(moment, TimelineKind.CARE_MOVED if is_moved else TimelineKind.CARE_PLANNED, by, now)
        tell_of_talk(moment, by, now)
        if moment.task.assignee_id not in {None, by.pk}:
            tell_of_task_again(task=moment.task, now=now)
    return moment


def hold_care(*, task: Task, held_at: datetime, revision: int, by: User, now: datetime) -> CareMoment:
    """The talk was held at this moment. Its task is done, and what counts from it gets its own.

    Raises CaseClosed, NotACareMoment, CareChanged, CareEnded, NotYet, BeforeItHappened.
    """
    with transaction.atomic():
        moment = _locked(task)
        check(moment, CareStatus.HELD, revision)
        if held_at > now:
            raise NotYet
        if held_at < moment.incident.occurred_at:
            raise BeforeItHappened
        if moment.task.status != TaskStatus.OPEN:
            raise CareEnded
        keep(moment, status=CareStatus.PLANNED, planned_at=held_at)
        finish_task(task=moment.task, by=by, now=now)
        moment.refresh_from_db()
    return moment


def skip_care(*, task: Task, reason: str, revision: int, by: User, now: datetime) -> CareMoment:
    """The talk is not needed, and why; not that the person declined it. Raises as above, and ReasonNeeded."""
    with transaction.atomic():
        moment = _locked(task)
        check(moment, CareStatus.CANCELLED, revision)
        if moment.task.status != TaskStatus.OPEN:
            raise CareEnded
        keep(moment)
        decline_task(task=moment.task, reason=reason, by=by, now=now)
        moment.refresh_from_db()
    return moment


def add_care(
    *,
    incident: Incident,
    someone: Someone,
    given_by: User,
    due_at: datetime,
    by: User,
    now: datetime,
    key: UUID | None = None,
) -> CareMoment:
    """One more moment, for the person hit or somebody else, still to be planned before `due_at` by who gives it.

    `key`: of the form, so that a second press makes no second moment; someone else on a page sent before gets an own
    one. The key of a moment of another case is passed over.
    Raises CaseClosed, CannotBeGiven, ManagerMustNotSee, InThePast, TooManyMoments, IsKeptOut.
    """
    with transaction.atomic():
        incident = locked_case(incident)
        with everywhere():  # a key that stands in another organisation is passed over like one of another case
            taken = CareMoment.objects.filter(pk=key).first() if key else None
        if taken and taken.incident_id == incident.pk and _is_for(taken, someone):
            return taken
        if incident.is_closed:
            raise CaseClosed
        if due_at < now:
            raise InThePast
        if incident.care.filter(kind=CareKind.EXTRA).count() >= MOST_EXTRA:
            raise TooManyMoments
        _check_can_give(incident, given_by, now)
        if someone.user and someone.user.pk in kept_out(incident):
            raise IsKeptOut
        key = uuid4() if taken or key is None else key
        task = add_task(
            incident=incident, kind=TaskKind.TALK, assignee=given_by, due_at=due_at, by=by, now=now, about=key
        )
        moment = CareMoment(
            pk=key,
            organisation_id=incident.organisation_id,
            incident=incident,
            task=task,
            kind=CareKind.EXTRA,
            care_for=someone.care_for,
            user=person_hit(incident) if someone.care_for == CareFor.AFFECTED else someone.user,
        )
        moment.name, moment.contact = someone.name.strip(), someone.contact.strip()
        keep(moment)
        note_care(moment, TimelineKind.CARE_ASKED, by, now)
        return moment


def with_open_task(moment: CareMoment, assignee: User | None, by: User, now: datetime) -> None:
    """Give a moment whose task has ended a task of its own, due as soon as a call for help is.

    For `assignee`, else who had it before. In the caller's transaction.
    """
    if moment.task.status == TaskStatus.OPEN:
        return
    incident = moment.incident
    assignee = assignee or moment.task.assignee
    if assignee is not None and not _can_give(incident, assignee, now):
        assignee = None
    give_own_task(moment, assignee=assignee, due_at=called_before(incident, now), by=by, now=now)


def _locked(task: Task) -> CareMoment:
    """The moment of this task, its case held. Raises CaseClosed, NotACareMoment."""
    incident = locked_case(task.incident)
    if incident.is_closed:
        raise CaseClosed
    return moment_with(incident, task.pk)


def _is_as_asked(moment: CareMoment, appointment: Appointment) -> bool:
    same_person = appointment.given_by is None or appointment.given_by.pk == moment.task.assignee_id
    is_standing = moment.status in {CareStatus.PLANNED, CareStatus.ACCEPTED}
    asked = (appointment.at, appointment.place.strip())
    return bool(moment.revision) and is_standing and same_person and (moment.planned_at, moment.place) == asked


def _is_for(moment: CareMoment, someone: Someone) -> bool:
    is_same_account = someone.care_for == CareFor.AFFECTED or moment.user == someone.user
    return moment.care_for == someone.care_for and is_same_account and (moment.name or "") == someone.name.strip()


def _can_give(incident: Incident, person: User, now: datetime) -> bool:
    is_able = staying(person, now).may(Right.BE_GIVEN_TASKS, incident.organisation_id)
    return is_able and person.pk not in kept_out(incident) | managers_left_out(incident, now)


def _check_can_give(incident: Incident, person: User, now: datetime) -> None:
    if person.pk in managers_left_out(incident, now):
        raise ManagerMustNotSee
    if not _can_give(incident, person, now):
        raise CannotBeGiven
