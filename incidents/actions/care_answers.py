"""What the person answers to a moment of aftercare: good, another moment or someone else, no thank you, after all.

The person themselves, or the desk for who told it by telephone. Declining is always fine and never final.
"""

from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from incidents.actions.care import with_open_task
from incidents.actions.care_moments import check, keep, locked_case, moment_with, note_care
from incidents.actions.duty import on_duty
from incidents.actions.news import tell_the_desk
from incidents.actions.refusals import CaseClosed, Refused
from incidents.actions.reminders.planning import tell_of_task_again, tell_that_it_ended
from incidents.actions.stored_words import in_stored_language
from incidents.actions.tasks import decline_task
from incidents.models import CareMoment, Incident
from incidents.vocabulary import CareStatus, NewsKind, TaskStatus, TimelineKind
from vpdportal.accounts.models import User

DECLINED_BY_PERSON = _("Declined by the person it is for.")


class NothingPlannedYet(Refused):
    message = _("There is no day and hour yet. As soon as there is, you can say whether it suits you.")


class WishNeeded(Refused):
    message = _("Write which moment or which person suits better, then it can be arranged.")


def accept_care(*, incident: Incident, key: UUID, revision: int, by: User, now: datetime) -> CareMoment:
    """The moment suits the person. A second click changes nothing.

    Raises CaseClosed, NotACareMoment, NothingPlannedYet, CareChanged, CareEnded.
    """
    with transaction.atomic():
        moment = _open(incident, key)
        if moment.status == CareStatus.ACCEPTED and moment.revision == revision + 1:
            return moment
        check(moment, CareStatus.ACCEPTED, revision)
        if moment.planned_at is None:
            raise NothingPlannedYet
        keep(moment, status=CareStatus.ACCEPTED, answered_at=now)
        note_care(moment, TimelineKind.CARE_ACCEPTED, by, now)
    return moment


def ask_other_moment(*, incident: Incident, key: UUID, wish: str, revision: int, by: User, now: datetime) -> CareMoment:
    """Another moment or someone else is wanted, in own words; who is on duty hears of it.

    Of a talk that was declined it is the same as asking again.
    Raises WishNeeded, CaseClosed, NotACareMoment, CareChanged, CareEnded.
    """
    if not wish.strip():
        raise WishNeeded
    with transaction.atomic():
        moment = _open(incident, key)
        if (moment.status, moment.wish) == (CareStatus.MOVE_ASKED, wish.strip()):
            return moment
        check(moment, CareStatus.MOVE_ASKED, revision)
        if moment.task.status != TaskStatus.OPEN:
            moment.planned_at = None
            with_open_task(moment, on_duty(moment.incident, now), by, now)
        keep(moment, status=CareStatus.MOVE_ASKED, wish=wish.strip(), answered_at=now)
        _tell_that_it_is_asked(moment, by, now)
    return moment


def decline_care(*, incident: Incident, key: UUID, revision: int, by: User, now: datetime) -> CareMoment:
    """The person does not want this talk: its task ends with that as the reason, which the norm counts as done.

    Raises CaseClosed, NotACareMoment, CareChanged, CareEnded.
    """
    with transaction.atomic():
        moment = _open(incident, key)
        if moment.status == CareStatus.DECLINED:
            return moment
        check(moment, CareStatus.DECLINED, revision)
        keep(moment, status=CareStatus.DECLINED, answered_at=now)
        note_care(moment, TimelineKind.CARE_DECLINED, by, now)
        if moment.task.status == TaskStatus.OPEN:
            with in_stored_language():
                reason = str(DECLINED_BY_PERSON)
            decline_task(task=moment.task, reason=reason, by=by, now=now)
            if moment.planned_at and moment.task.assignee_id != by.pk:
                tell_that_it_ended(task=moment.task, now=now)
    return moment


def ask_care_again(*, incident: Incident, key: UUID, wish: str, revision: int, by: User, now: datetime) -> CareMoment:
    """The person wants the talk after all. Also in a closed case: then who is on duty only hears of it.

    In an open case who is on duty gets a task of it. Raises NotACareMoment, CareChanged,
    CareEnded.
    """
    with transaction.atomic():
        moment = moment_with(locked_case(incident), key)
        has_task = moment.incident.is_closed or moment.task.status == TaskStatus.OPEN
        if moment.status == CareStatus.MOVE_ASKED and has_task:
            return moment
        check(moment, CareStatus.MOVE_ASKED, revision)
        if not moment.incident.is_closed:
            with_open_task(moment, on_duty(moment.incident, now), by, now)
        keep(moment, status=CareStatus.MOVE_ASKED, wish=wish.strip(), planned_at=None, answered_at=now)
        _tell_that_it_is_asked(moment, by, now)
    return moment


def _open(incident: Incident, key: UUID) -> CareMoment:
    """The moment, its case held. Raises CaseClosed, NotACareMoment."""
    incident = locked_case(incident)
    if incident.is_closed:
        raise CaseClosed
    return moment_with(incident, key)


def _tell_that_it_is_asked(moment: CareMoment, by: User, now: datetime) -> None:
    note_care(moment, TimelineKind.CARE_ASKED, by, now)
    about = uuid5(moment.pk, f"asked {moment.revision}")
    tell_the_desk(incident=moment.incident, kind=NewsKind.ADDED, about=about, by=by, now=now)
    _tell_who_gives_it(moment, by, now)


def _tell_who_gives_it(moment: CareMoment, by: User, now: datetime) -> None:
    """Send who has the task to it once more, as if it were new: else that person waits at the old moment.

    Once a day: a notice is unique by its day.
    """
    task = moment.task
    if task.status != TaskStatus.OPEN or task.assignee_id in {None, by.pk}:
        return
    tell_of_task_again(task=task, now=now)
