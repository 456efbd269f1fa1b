"""Breaking the glass: opening a restricted case in need, for an hour, and never unseen (design of access, R7)."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from incidents.actions.duty import kept_out
from incidents.actions.refusals import ReasonNeeded, Refused
from incidents.actions.reminders.alarms import tell_at_once
from incidents.actions.restricting import sees_only_in_need
from incidents.actions.together import hold_cases
from incidents.actions.trail import note_in_trail
from incidents.models import CaseOpening, Incident
from incidents.vocabulary import AlarmKind, TimelineKind
from vpdportal.accounts.access import memberships_at, standing
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import RIGHTS, Right, Role
from vpdportal.audit.chain import record

OPEN_FOR = timedelta(minutes=60)  # design of access, R7
SHORTEST_REASON = 15  # characters; less explains nothing to who judges it [OWN]
HEAR_OF_IT = [role for role in Role if Right.DECIDE_PRIVACY in RIGHTS[role]] + [Role.ADVISER]


class NotShut(Refused):
    message = _("This case is not closed to you (any more). You find it in the list of cases.")


class NobodyLooks(Refused):
    message = _(
        "Nobody can look whether this is right: there is no data protection officer, and no other VPD adviser. So it "
        "cannot be opened. Ask the administrator for one."
    )


class JudgedAlready(Refused):
    message = _("Someone has judged this already.")


class NotYourOwn(Refused):
    message = _("You opened it yourself. Someone else has to judge it.")


def break_glass(*, incident: Incident, reason: str, by: User, now: datetime) -> CaseOpening:
    """Open a restricted case for an hour. The officer, the other advisers and who handles it hear of it at once.

    Only for who works on cases there and is not kept out; a second click opens nothing twice.
    Raises ReasonNeeded, NotShut, NobodyLooks.
    """
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise ReasonNeeded
    with transaction.atomic():
        incident = hold_cases({incident.pk})[incident.pk]
        running = running_opening(incident=incident, by=by, now=now)
        if running:
            return running
        works_here = standing(by, now).may(Right.WORK_CASES, incident.organisation_id)
        if not works_here or by.pk in kept_out(incident) or not sees_only_in_need(incident, by, now):
            raise NotShut
        hearing = _who_hears(incident, by, now)
        if not hearing:
            raise NobodyLooks
        opening = CaseOpening(
            organisation_id=incident.organisation_id,
            incident=incident,
            user=by,
            reason=reason,
            opened_at=now,
            ends_at=now + OPEN_FOR,
        )
        opening.save(force_insert=True)
        note_in_trail(incident=incident, kind=TimelineKind.OPENED_IN_NEED, by=by, now=now)
        tell_at_once(organisation=incident.organisation_id, people=hearing, kind=AlarmKind.GLASS_BROKEN, now=now)
    return opening


def judge_opening(*, opening: CaseOpening, is_in_order: bool, words: str, by: User, now: datetime) -> CaseOpening:
    """What the data protection officer finds of it; said once, in words that stay with it.

    Raises ReasonNeeded, JudgedAlready, NotYourOwn.
    """
    if not words.strip():
        raise ReasonNeeded
    with transaction.atomic():
        fresh: CaseOpening = CaseOpening.objects.select_for_update(of=("self",), no_key=True).get(pk=opening.pk)
        if fresh.judged_at:
            raise JudgedAlready
        if fresh.user_id == by.pk:
            raise NotYourOwn
        fresh.judged_by, fresh.judged_at = by, now
        fresh.was_in_order, fresh.judgement = is_in_order, words.strip()
        fresh.save(update_fields=["judged_by", "judged_at", "was_in_order", "judgement"])
        record(
            action="opening.judged",
            now=now,
            actor_id=by.pk,
            organisation_id=fresh.organisation_id,
            object_type="incident",
            object_id=fresh.incident_id,
            fields=["in_order" if is_in_order else "not_in_order"],
        )
    return fresh


def running_opening(*, incident: Incident, by: User, now: datetime) -> CaseOpening | None:
    """By which this person may see the case now, where nothing else lets them."""
    rows = CaseOpening.objects.filter(incident=incident, user=by, opened_at__lte=now, ends_at__gt=now)
    found: CaseOpening | None = rows.defer("reason", "judgement").first()
    return found if found and sees_only_in_need(incident, by, now) else None


def _who_hears(incident: Incident, by: User, now: datetime) -> set[UUID]:
    """The officers, the advisers and who handles the case; not who opens it, and nobody who is kept out of it."""
    roles = memberships_at(now).filter(organisation=incident.organisation_id, role__in=HEAR_OF_IT)
    people = {*roles.values_list("user", flat=True), *([incident.adviser_id] if incident.adviser_id else [])}
    return people - kept_out(incident) - {by.pk}
