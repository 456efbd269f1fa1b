"""Erasing what is kept of someone, once it was granted (AVG 17): one laid it before the officer, the officer decided.

[OWN] Of a citizen the part of who did it goes from each case, or what is of this citizen alone where others did it too;
and at the last the record. Of an employee all of the cases that happened to that employee. What is held, open, or
about a colleague too stays, and the page says why. Who carries it out does so for the cases that they saw.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.actions.data_requests.requests import NotNow, granted, note
from incidents.actions.keeping.certificates import seal_rounds
from incidents.actions.keeping.destroying import destroy_held
from incidents.actions.keeping.due import Due, WaitsFor, due_of_case, due_of_cases
from incidents.actions.keeping.of_person import empty_of_person, let_record_go
from incidents.actions.keeping.parts import OF_CASE
from incidents.actions.refusals import Refused
from incidents.actions.together import hold_joined
from incidents.models import DataPiece, DataRequest, Incident, Involvement, RetentionStay
from incidents.vocabulary import CaseStatus, DataRequestKind, InvolvedAs, KeptPart, ReporterIs, StayKind
from vpdportal.accounts.models import User
from vpdportal.audit.models import AuditEvent

ERASED = "data_request.erased"  # audit action
OWN = "own"  # in it: of a case only what is of this person alone
OF_NO_TERM = {
    WaitsFor.TERM,
    WaitsFor.OTHER_PARTS,
}  # keeps a part from going by its term, not from being erased


class NothingGoes(Refused):
    message = _("Nothing can be erased now. Below stands why; lift that first, or tell who asked what stays and why.")


class StaysFor(models.TextChoices):
    """Why something is not erased, beside what keeps it from being destroyed by its term."""

    OPEN = "open", _("the case is open")
    PUT_OFF = "put_off", _("destroying it was put off")
    COLLEAGUE = "colleague", _("it happened to a colleague too, or a colleague reported it")


@dataclass(frozen=True)
class Erasable:
    """One case. `parts`: what goes as a whole; none of them where only what is of this person alone goes."""

    case: UUID
    reference: str
    parts: tuple[KeptPart, ...]
    stays_for: tuple[models.TextChoices, ...]


@dataclass(frozen=True)
class _Mine:
    """One case of who asks. `wanted`: the parts that go as a whole; `stays_for`: what no part of it knows of."""

    case: Incident
    wanted: tuple[KeptPart, ...]
    stays_for: tuple[StaysFor, ...]


def erasable(request: DataRequest, now: datetime) -> list[Erasable]:
    """The cases from which something of who asks can be erased, and what keeps that. A set number of queries."""
    mine = _cases_of(request, now)
    if not mine:
        return []
    left: dict[UUID, list[Due]] = {}
    for part in due_of_cases(request.organisation, [one.case.pk for one in mine], now):
        left.setdefault(part.case, []).append(part)
    return [found for one in mine if (found := _judged(request, one, left.get(one.case.pk, [])))]


def erase(*, request: DataRequest, seen: Collection[UUID], by: User, now: datetime) -> int:
    """Erase what may go of the cases that were seen, each in a transaction of its own; gives of how many cases.

    Then the record, when nothing is left to erase in any case. A certificate is made of it. Raises NotNow, NothingGoes.
    """
    if not request.is_to_be_carried_out:
        raise NotNow
    organisation = request.organisation
    seal_rounds(organisation=organisation, now=now)  # a round that broke off earlier is not this one
    found = erasable(request, now)
    gone = sum(_erase(request, one, by, now) for one in found if not one.stays_for and one.case in seen)
    is_record_gone = _erase_record(request, by, now)
    seal_rounds(organisation=organisation, now=now)
    if not gone and not is_record_gone:
        raise NothingGoes
    return gone


def _cases_of(request: DataRequest, now: datetime, only: UUID | None = None) -> list[_Mine]:
    """The cases that are about who asks, by their keys; of an employee where it happened to that employee."""
    if not request.user_id and not request.has_record:
        return []
    hit = Q(affected=request.user_id) | Q(affected=None, reporter=request.user_id, reporter_is=ReporterIs.SELF)
    about = hit if request.user_id else Q(involvements__person=request.person_id)
    reports = Incident.objects.filter(about, organisation=request.organisation_id)
    keys = {main or pk for pk, main in reports.values_list("pk", "merged_into")} - _erased_in_part(request)
    keys = keys & {only} if only else keys
    rows = Incident.objects.filter(pk__in=keys).only("pk", "reference", "closed_at", "status").order_by("reference")
    others = _of_colleagues(request, keys) if request.user_id else _with_others(request, keys)
    put_off = _put_off(keys, now)
    return [_mine(request, case, case.pk in others, case.pk in put_off) for case in rows]


def _mine(request: DataRequest, case: Incident, is_of_others: bool, is_put_off: bool) -> _Mine:
    wanted = OF_CASE if request.user_id else () if is_of_others else (KeptPart.PERPETRATOR,)
    reasons = {
        StaysFor.OPEN: case.status != CaseStatus.CLOSED,
        StaysFor.COLLEAGUE: bool(request.user_id) and is_of_others,
        StaysFor.PUT_OFF: is_put_off,
    }
    return _Mine(case, wanted, tuple(reason for reason, holds in reasons.items() if holds))


def _of_colleagues(request: DataRequest, keys: Collection[UUID]) -> set[UUID]:
    """The cases with a report that a colleague sent, or of what happened to one."""
    own = Q(reporter=request.user_id) & (Q(affected=None) | Q(affected=request.user_id))
    reports = Incident.objects.filter(Q(pk__in=keys) | Q(merged_into__in=keys)).exclude(own)
    return {main or pk for pk, main in reports.values_list("pk", "merged_into")}


def _with_others(request: DataRequest, keys: Collection[UUID]) -> set[UUID]:
    """The cases in which this citizen is not the one who did it, or not the only one."""
    reports = Q(incident__in=keys) | Q(incident__merged_into__in=keys)
    rows = Involvement.objects.filter(reports, role=InvolvedAs.PERPETRATOR).order_by()
    did_it: dict[UUID, set[UUID]] = {key: set() for key in keys}
    for report, main, person in rows.values_list("incident", "incident__merged_into", "person"):
        did_it[main or report].add(person)
    return {key for key, people in did_it.items() if people != {request.person_id}}


def _put_off(keys: Collection[UUID], now: datetime) -> set[UUID]:
    reports = Q(incident__in=keys) | Q(incident__merged_into__in=keys)
    runs = {"lifted_at__isnull": True, "until__gt": timezone.localdate(now), "kind": StayKind.POSTPONED}
    rows = RetentionStay.objects.filter(reports, **runs).order_by()
    return {main or report for report, main in rows.values_list("incident", "incident__merged_into")}


def _erased_in_part(request: DataRequest) -> set[UUID]:
    """The cases from which what is of this person alone went before: nothing of the case itself shows that."""
    events = AuditEvent.objects.filter(object_type="data_request", object_id=request.pk, action=ERASED)
    return {UUID(fields[0]) for fields in events.values_list("fields", flat=True) if OWN in fields}


def _judged(request: DataRequest, mine: _Mine, left: list[Due]) -> Erasable | None:
    """None where nothing of it is left. `left`: the parts of that case that are still there, none while it is open."""
    going = [one for one in left if one.part in mine.wanted]
    if mine.wanted and not going and mine.case.status == CaseStatus.CLOSED:
        return None
    ours = OF_NO_TERM if request.is_finished else OF_NO_TERM | {WaitsFor.REQUEST}  # till decided it is one itself
    waits = [why for one in going or left for why in one.waits_for if why not in ours]
    parts = tuple(one.part for one in going) or mine.wanted
    return Erasable(mine.case.pk, mine.case.reference, parts, tuple(dict.fromkeys([*mine.stays_for, *waits])))


def _erase(request: DataRequest, one: Erasable, by: User, now: datetime) -> bool:
    """Part by part, in the order of destroying by the term; stops at the first that stays after all."""
    return all(_erase_part(request, one.case, part, by, now) for part in one.parts or (None,))


def _erase_part(request: DataRequest, case: UUID, part: KeptPart | None, by: User, now: datetime) -> bool:
    """In a transaction of its own. All is looked at again with the case held. None: what is of this person alone."""
    with transaction.atomic():
        held = hold_joined(Incident.objects.get(pk=case))
        fresh = granted(request, DataRequestKind.ERASURE)
        _case, left = due_of_case(fresh.organisation, case, now)
        one = next((found for mine in _cases_of(fresh, now, case) if (found := _judged(fresh, mine, left))), None)
        if one is None or one.stays_for or (part not in one.parts if part else one.parts):
            return False
        if part is not None:
            destroy_held(organisation=fresh.organisation, held=held, part=part, by=by, now=now)
        elif fresh.person is not None:
            empty_of_person(organisation=fresh.organisation, person=fresh.person, reports=held.keys(), now=now)
        note(fresh, ERASED, by, now, fields=[str(case), part or OWN])
    return True


def _erase_record(request: DataRequest, by: User, now: datetime) -> bool:
    """The record, with the copies that were collected for earlier answers. Gives whether a certificate has it now.

    When the last case let go of the record, destroying that part took it along. Not while a case is left, such as one
    on which a colleague put a legal hold meanwhile.
    """
    with transaction.atomic():
        fresh = granted(request, DataRequestKind.ERASURE)
        if fresh.person is None or erasable(fresh, now):
            return False
        DataPiece.objects.filter(request__person=fresh.person).delete()
        if not fresh.has_record:
            return False
        let_record_go(organisation=fresh.organisation, person=fresh.person, now=now)
        note(fresh, ERASED, by, now, fields=["record"])
    return True
