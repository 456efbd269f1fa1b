"""Two reports about the same event become one case, and two again when that was a mistake.

One goes on, the other is joined with it: nothing changes in it any more, it counts in no figure, and it stays to be
read. Who reported it keeps the own page, with nothing on it of the other report. Who is kept out of one of the two is
kept out of both from then on; taking them apart leaves that as it is, because nobody can tell afterwards which of them
it was meant for.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from incidents.actions.done_checks import STILL_TO_COME
from incidents.actions.duty import kept_out, on_duty
from incidents.actions.exclusions import NobodyElse, keep_out_as_in
from incidents.actions.refusals import Refused
from incidents.actions.reminders.planning import plan_notices
from incidents.actions.restricting import restrict_both
from incidents.actions.stored_words import in_stored_language
from incidents.actions.together import hold_cases
from incidents.actions.trail import note_in_trail
from incidents.models import Incident, Notice, Task
from incidents.models.task import ENDING
from incidents.vocabulary import CareStatus, CaseStatus, ReactionStatus, TaskStatus, TimelineKind
from vpdportal.accounts.access import memberships_at
from vpdportal.accounts.models import User

# A reaction in one of these states still asks something of someone, which a joined case could not give.
WAITING_REACTIONS = (ReactionStatus.PROPOSED, ReactionStatus.SIGNED, ReactionStatus.ACTIVE)
# By any of these a case that came in is "in progress"; what people of the case add does not begin it.
BEGINS = (
    *(TimelineKind.SEVERITY_CONFIRMED, TimelineKind.MEASURE_TAKEN, TimelineKind.MEASURE_DECLINED),
    *(TimelineKind.MEASURE_HELD, TimelineKind.MEASURE_ADAPTED, TimelineKind.TASK_DONE, TimelineKind.TASK_DECLINED),
    *(TimelineKind.TASK_HANDED_OVER, TimelineKind.REOPENED),
)


class NotToBeJoined(Refused):
    message = _("Only two different cases of the same organisation can be joined.")


class NotOpen(Refused):
    message = _("One of the two is closed, or was joined with a report before. Open it again or take it apart first.")


class HasOthersInIt(Refused):
    message = _("Other reports were joined with this one. Let this one go on, or take those apart first.")


class NearMissGoesOn(Refused):
    message = _("One of the two is a near miss, and the other is an incident. Let the incident go on.")


class HasReactions(Refused):
    message = _(
        "In the one that would not go on a measure against someone runs or waits. Let that one go on, or end the "
        "measure first."
    )


class HasTalks(Refused):
    """Nobody would give what someone said yes to, or asked for."""

    message = _(
        "In the case that would not go on, a talk of aftercare is planned or asked for. Let that case go on instead, "
        "or hold the talk first."
    )


class PartyKeptOut(Refused):
    message = _(
        "Someone who reported one of the two, or whom it happened to, must not see the other one. So they cannot be "
        "joined. Link them instead."
    )


class NobodyForBoth(Refused):
    message = _("Nobody who works on cases may see both of them, so nobody could act. Link them instead.")


class NotJoined(Refused):
    message = _("This report is not joined with another one (any more).")


def merge_cases(*, incident: Incident, into: Incident, by: User, now: datetime) -> Incident:
    """Join a report with another one about the same event; `into` goes on. Gives the joined one.

    The open tasks of the joined one end, to come back when they are taken apart; its advice stays as it is.
    Raises NotToBeJoined, NotOpen, HasOthersInIt, NearMissGoesOn, HasReactions, PartyKeptOut, NobodyForBoth.
    """
    if incident.pk == into.pk or incident.organisation_id != into.organisation_id:
        raise NotToBeJoined
    with transaction.atomic():
        held = hold_cases({incident.pk, into.pk})
        joined, main = held[incident.pk], held[into.pk]
        _must_fit(joined, main, by)
        _keep_out_of_both(joined, main, by, now)
        restrict_both(one=joined, other=main, by=by, now=now)
        _end_tasks(joined, main, by, now)
        joined.status, joined.merged_into, joined.merged_at, joined.merged_by = CaseStatus.MERGED, main, now, by
        joined.save(update_fields=["status", "merged_into", "merged_at", "merged_by"])
        for case, counterpart in ((joined, main), (main, joined)):
            note_in_trail(incident=case, kind=TimelineKind.MERGED, by=by, now=now, fields=[str(counterpart.pk)])
    return joined


def unmerge_case(*, incident: Incident, by: User, now: datetime) -> Incident:
    """Take a joined report apart again: its status, and exactly the tasks that ended by joining, with fresh notices.

    Who is kept out of either stays kept out. Also when the one that went on was closed meanwhile. Raises NotJoined.
    """
    with transaction.atomic():
        main_pk = Incident.objects.filter(pk=incident.pk).values_list("merged_into", flat=True).first()
        if main_pk is None:
            raise NotJoined
        held = hold_cases({incident.pk, main_pk})
        joined, main = held[incident.pk], held[main_pk]
        if joined.merged_into_id != main.pk:  # taken apart, and joined with another one, just before
            raise NotJoined
        _bring_tasks_back(joined, main, now)
        has_begun = joined.timeline.filter(kind__in=BEGINS).exists()
        joined.status = CaseStatus.IN_PROGRESS if has_begun else CaseStatus.RECEIVED
        joined.merged_into = joined.merged_at = joined.merged_by = None
        joined.save(update_fields=["status", "merged_into", "merged_at", "merged_by"])
        for case, counterpart in ((joined, main), (main, joined)):
            note_in_trail(incident=case, kind=TimelineKind.UNMERGED, by=by, now=now, fields=[str(counterpart.pk)])
    return joined


def _must_fit(joined: Incident, main: Incident, by: User) -> None:
    if joined.is_closed or main.is_closed:
        raise NotOpen
    if joined.merged_from.exists():
        raise HasOthersInIt
    if main.is_near_miss and not joined.is_near_miss:
        raise NearMissGoesOn
    if joined.reactions.filter(status__in=WAITING_REACTIONS).exists():
        raise HasReactions
    talks = joined.care.filter(status__in=STILL_TO_COME, task__status=TaskStatus.OPEN)
    if talks.exclude(planned_at=None, status=CareStatus.PLANNED).exists():
        raise HasTalks
    out = kept_out(joined) | kept_out(main)
    if by.pk in out:
        raise NotToBeJoined
    if out & {joined.reporter_id, joined.affected_id, main.reporter_id, main.affected_id}:
        raise PartyKeptOut


def _keep_out_of_both(joined: Incident, main: Incident, by: User, now: datetime) -> None:
    try:
        keep_out_as_in(incident=main, other=joined, by=by, now=now)
        keep_out_as_in(incident=joined, other=main, by=by, now=now)
    except NobodyElse as refused:
        raise NobodyForBoth from refused


def _open_tasks(incident: Incident) -> list[Task]:
    rows = Task.objects.unfinished().filter(incident=incident).order_by("pk")
    return list(rows.select_for_update(of=("self",), no_key=True))


def _end_tasks(joined: Incident, main: Incident, by: User, now: datetime) -> None:
    """End what is open in the joined case, for a reason that says where it goes on."""
    tasks = _open_tasks(joined)
    with in_stored_language():
        reason = gettext("Goes on in %(number)s: joined.") % {"number": main.reference}
    for task in tasks:
        task.status, task.finished_at, task.finished_by = TaskStatus.DECLINED, now, by
        task.reason = reason
        task.save(update_fields=ENDING)
    Notice.objects.filter(task__in=tasks, mail=None, cancelled_at=None).update(cancelled_at=now)


def _bring_tasks_back(joined: Incident, main: Incident, now: datetime) -> None:
    """Open the tasks that ended by joining: at that moment, by who did it, and naming the case in which it goes on.

    Whose owner may not do it any more is given to who is on duty.
    """
    ended = joined.tasks.filter(
        status=TaskStatus.DECLINED, finished_at=joined.merged_at, finished_by=joined.merged_by_id
    )
    rows = ended.order_by("pk").select_for_update(of=("self",), no_key=True)
    tasks = [task for task in rows if main.reference in task.reason]
    owner = on_duty(joined, now)
    able = set(memberships_at(now).filter(organisation=joined.organisation_id).values_list("user", flat=True))
    able -= kept_out(joined)
    for task in tasks:
        task.take_end_back()
        changed = [*ENDING]
        if task.assignee_id is not None and task.assignee_id not in able:
            task.assignee, task.assigned_at = owner, now
            changed += ["assignee", "assigned_at"]
        task.save(update_fields=changed)
    plan_notices(tasks=tasks, now=now)
