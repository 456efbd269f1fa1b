"""A request of a person about their own data: written down with its legal term, and led to an end.

Terms: AVG 12(3). One month after it came in; once two months more, when that is told within the first.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guidance.deadlines import add_months
from incidents.actions.refusals import ReasonNeeded, Refused
from incidents.models import DataRequest, Person
from incidents.person_keys import looks_like_bsn
from incidents.references import new_reference
from incidents.vocabulary import DataRequestKind, DataRequestStatus, DataSubject
from vpdportal.accounts.models import Organisation, User
from vpdportal.audit.chain import record

MONTHS, MONTHS_MORE = 1, 2
TRIES = 5
PREFIX = "AVG"
# From which state a request may go to which.
ALLOWED: dict[str, frozenset[str]] = {
    DataRequestStatus.RECEIVED: frozenset(
        {DataRequestStatus.REVIEWING, DataRequestStatus.READY, DataRequestStatus.WITHDRAWN}
    ),
    DataRequestStatus.REVIEWING: frozenset({DataRequestStatus.READY, DataRequestStatus.WITHDRAWN}),
    DataRequestStatus.READY: frozenset(
        {DataRequestStatus.REVIEWING, DataRequestStatus.DECIDED, DataRequestStatus.WITHDRAWN}
    ),
    DataRequestStatus.DECIDED: frozenset(),
    DataRequestStatus.WITHDRAWN: frozenset(),
}


class RequestFinished(Refused):
    message = _("This request was decided or withdrawn already. Nothing was changed. For more, write down a new one.")


class ChangedMeanwhile(Refused):
    message = _("Someone else changed this request meanwhile. Look at how it stands now, then try again.")


class NotNow(Refused):
    message = _("This step does not fit how the request stands now. Look at the page again.")


class ExtendedBefore(Refused):
    message = _("The term was extended once already, and the law allows that once.")


class TooLateToExtend(Refused):
    message = _(
        "The first month is over, and an extension has to be told within it. Answer as soon as you can, and say sorry "
        "for being late."
    )


class OfAnotherKind(Refused):
    message = _("A record of someone outside the organisation goes only with a request of such a person.")


class HoldsBsn(Refused):
    message = _("This looks like a citizen service number (BSN). The portal never keeps one. Take it out.")


@dataclass(frozen=True)
class NewRequest:
    """What came in. `user` for someone with an account, `person` for a record of a citizen, if there is one."""

    organisation: Organisation
    kind: DataRequestKind
    subject: DataSubject
    received_on: date
    name: str = ""
    contact: str = ""
    words: str = ""
    user: User | None = None
    person: Person | None = None


def register_request(*, new: NewRequest, by: User, now: datetime) -> DataRequest:
    """Write a request down; its term runs from the day on which it came in. Raises HoldsBsn.

    The same one of today that waits still is the one: a second click, or a page that was sent again.
    """
    if looks_like_bsn(f"{new.name}\n{new.words}"):
        raise HoldsBsn
    for _try in range(TRIES):
        try:
            with transaction.atomic():
                Organisation.objects.select_for_update(no_key=True).get(pk=new.organisation.pk)
                return _same_of_today(new, now) or _kept(new, by, now)
        except IntegrityError:
            continue  # two drew the same number
    raise RuntimeError("no free number found")


def link_person(*, request: DataRequest, person: Person, by: User, now: datetime) -> None:
    """This record is of who asks. Raises OfAnotherKind; NotNow once data were collected, or the officer has it."""
    with transaction.atomic():
        fresh = locked(request)
        if fresh.subject != DataSubject.CITIZEN or person.organisation_id != fresh.organisation_id:
            raise OfAnotherKind
        if fresh.status == DataRequestStatus.READY or fresh.pieces.exists():
            raise NotNow
        fresh.person = person
        keep(fresh, "person")
        note(fresh, "data_request.linked", by, now, fields=[str(person.pk)])


def check_identity(*, request: DataRequest, by: User, now: datetime) -> None:
    """It was established who asks (AVG 12(6)). How is not kept, nor a copy of a document. A second click is nothing."""
    with transaction.atomic():
        fresh = locked(request)
        if fresh.identity_checked_at is None:
            fresh.identity_checked_at, fresh.identity_checked_by = now, by
            keep(fresh, "identity_checked_at", "identity_checked_by")
            note(fresh, "data_request.identity_checked", by, now)


def extend_term(*, request: DataRequest, reason: str, by: User, now: datetime) -> None:
    """Two months more, for a reason that the person is told. Raises ReasonNeeded, ExtendedBefore, TooLateToExtend."""
    if not reason.strip():
        raise ReasonNeeded
    with transaction.atomic():
        fresh = locked(request)
        if fresh.extended_at is not None:
            raise ExtendedBefore
        if timezone.localdate(now) > fresh.due_on:
            raise TooLateToExtend
        fresh.extended_at, fresh.extension_reason = now, reason.strip()
        fresh.due_on = add_months(fresh.received_on, MONTHS + MONTHS_MORE)
        keep(fresh, "extended_at", "extension_reason", "due_on")
        note(fresh, "data_request.extended", by, now)


def withdraw_request(*, request: DataRequest, by: User, now: datetime) -> None:
    """Who asked does not want it any more. What was collected for it goes."""
    with transaction.atomic():
        fresh = locked(request)
        move(fresh, DataRequestStatus.WITHDRAWN)
        fresh.pieces.all().delete()
        keep(fresh, "status")
        note(fresh, "data_request.withdrawn", by, now)


def record_look(*, request: DataRequest, by: User, now: datetime, part: str) -> None:
    """Write that someone looked at it, before it is shown: no row, no page."""
    note(request, "data_request.viewed", by, now, fields=[part])


def locked(request: DataRequest, revision: int | None = None) -> DataRequest:
    """The request as it is now, held. Raises RequestFinished; ChangedMeanwhile where another revision was seen."""
    rows = DataRequest.objects.select_for_update(of=("self",), no_key=True).select_related("organisation")
    fresh: DataRequest = rows.get(pk=request.pk)
    if fresh.is_finished:
        raise RequestFinished
    if revision is not None and fresh.revision != revision:
        raise ChangedMeanwhile
    return fresh


def granted(request: DataRequest, *kinds: DataRequestKind, revision: int | None = None) -> DataRequest:
    """A request of one of these kinds that was granted, held. Raises NotNow; ChangedMeanwhile for another revision."""
    rows = DataRequest.objects.select_for_update(of=("self",), no_key=True).select_related("organisation")
    fresh: DataRequest = rows.get(pk=request.pk)
    if not fresh.is_to_be_carried_out or fresh.kind not in kinds or fresh.forgotten_at is not None:
        raise NotNow
    if revision is not None and fresh.revision != revision:
        raise ChangedMeanwhile
    return fresh


def move(request: DataRequest, status: DataRequestStatus) -> None:
    """Raises NotNow where that state does not follow on the present one."""
    if status not in ALLOWED[request.status]:
        raise NotNow
    request.status = status


def keep(request: DataRequest, *columns: str) -> None:
    request.revision += 1
    request.save(update_fields=[*columns, "revision"])


def note(request: DataRequest, action: str, by: User, now: datetime, fields: Iterable[str] = ()) -> None:
    """One row in the audit trail. `fields`: codes and ids, never a name or words."""
    record(
        action=action,
        now=now,
        actor_id=by.pk,
        organisation_id=request.organisation_id,
        object_type="data_request",
        object_id=request.pk,
        fields=fields,
    )


def _same_of_today(new: NewRequest, now: datetime) -> DataRequest | None:
    """What stands in it is sealed, so that is compared here; of one day there are few."""
    alike = {"kind": new.kind, "subject": new.subject, "user": new.user, "person": new.person}
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = DataRequest.objects.unfinished().filter(
        **alike, organisation=new.organisation, received_on=new.received_on, created_at__gte=midnight
    )
    return next((one for one in rows if (one.name, one.contact, one.words) == _told(new)), None)


def _told(new: NewRequest) -> tuple[str, str, str]:
    """Who asks, how to answer, and what is asked."""
    if new.user:
        return new.user.name, new.user.email, new.words.strip()
    return new.name.strip(), new.contact.strip(), new.words.strip()


def _kept(new: NewRequest, by: User, now: datetime) -> DataRequest:
    request = DataRequest(
        organisation=new.organisation,
        reference=new_reference(PREFIX),
        kind=new.kind,
        subject=new.subject,
        user=new.user,
        person=new.person,
        received_on=new.received_on,
        due_on=add_months(new.received_on, MONTHS),
        created_at=now,
    )
    request.name, request.contact, request.words = _told(new)
    if new.user is not None and new.user.pk == by.pk:  # who is signed in has said who they are
        request.identity_checked_at, request.identity_checked_by = now, by
    request.save(force_insert=True)
    note(request, "data_request.received", by, now, fields=[new.kind, new.subject])
    return request
