"""Writing down what is right, once a correction was granted (AVG 16). What was told before stays, with this beside it.

Of someone with an account it is a correction of what they told, as they could add one themselves. Of a citizen it
stands with what was written down of them: in the case, and in their record. A case that is closed can be corrected too.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents.actions.data_requests.requests import HoldsBsn, granted, keep, note
from incidents.actions.refusals import ReasonNeeded, Refused
from incidents.actions.stored_words import in_stored_language
from incidents.actions.together import hold_cases
from incidents.actions.trail import note_in_trail
from incidents.actions.words import index_words
from incidents.models import DataRequest, DestroyedPart, Incident, Involvement, Person, Statement
from incidents.person_keys import looks_like_bsn
from incidents.vocabulary import DataRequestKind, StatementBy, StatementKind, TimelineKind
from vpdportal.accounts.models import User

CORRECTED = "data_request.corrected"  # audit action


class Nowhere(Refused):
    message = gettext_lazy("Choose where it is written down: in a case, or in the record.")


def correctable(request: DataRequest) -> QuerySet[Incident]:
    """The cases in which something of who asks can be put right: not where it was destroyed. Newest first."""
    destroyed = DestroyedPart.objects.filter(incident=OuterRef("pk"))
    if request.user_id:
        saw = Q(witnesses__user=request.user_id)
        mine = Q(reporter=request.user_id) | Q(affected=request.user_id) | saw
    else:
        mine = Q(involvements__person=request.person_id, involvements__person__isnull=False)
    cases = Incident.objects.filter(mine, ~Exists(destroyed), organisation=request.organisation_id)
    found: QuerySet[Incident] = cases.order_by("-occurred_at", "reference").distinct()
    return found


def write_correction(
    *,
    request: DataRequest,
    words: str,
    cases: Collection[UUID],
    in_record: bool,
    seen: int | None,
    by: User,
    now: datetime,
) -> None:
    """Put the right words beside what stands in these cases, and in the record. `seen`: revision of the page.

    Raises ReasonNeeded where nothing was written, HoldsBsn, Nowhere, NotNow, ChangedMeanwhile.
    """
    if not words.strip():
        raise ReasonNeeded
    if looks_like_bsn(words):
        raise HoldsBsn
    with transaction.atomic():
        held = hold_cases(correctable(request).filter(pk__in=cases).values_list("pk", flat=True))
        fresh = granted(request, DataRequestKind.RECTIFICATION, revision=seen)
        record = fresh.person if in_record and fresh.has_record else None
        if not held and record is None:
            raise Nowhere
        for incident in held.values():
            _correct(fresh, incident, words.strip(), by, now)
        if record is not None:
            _correct_record(record, fresh, words.strip(), now)
        keep(fresh)
        note(fresh, CORRECTED, by, now, fields=[*map(str, held), *(["record"] if record else [])])


def _correct(request: DataRequest, incident: Incident, words: str, by: User, now: datetime) -> None:
    if request.user is not None:
        _add_statement(request.user, incident, words, now)
    else:
        for involvement in Involvement.objects.filter(incident=incident, person=request.person_id):
            involvement.remark = _below(involvement.remark, request, words, now)
            involvement.save(update_fields=["remark"])
    kind = TimelineKind.STATEMENT_ADDED if request.user_id else TimelineKind.NOTE_ADDED
    note_in_trail(incident=incident, kind=kind, by=by, now=now, fields=["correction"])


def _add_statement(user: User, incident: Incident, words: str, now: datetime) -> None:
    as_whom = {incident.affected_id: StatementBy.AFFECTED, incident.reporter_id: StatementBy.REPORTER}
    statement = Statement(
        organisation_id=incident.organisation_id,
        incident=incident,
        at=now,
        by=user,
        given_as=as_whom.get(user.pk, StatementBy.WITNESS),
        form_key=uuid4(),
        kind=StatementKind.CORRECTION,
    )
    statement.text = words
    statement.save(force_insert=True)
    index_words(incident)


def _correct_record(record: Person, request: DataRequest, words: str, now: datetime) -> None:
    person = Person.objects.select_for_update(of=("self",), no_key=True).get(pk=record.pk)
    person.sealed_note = _below(person.sealed_note, request, words, now)
    person.save(update_fields=["sealed_note"])


def _below(text: str, request: DataRequest, words: str, now: datetime) -> str:
    with in_stored_language():
        day = date_format(timezone.localdate(now), "j F Y")
        line = _("%(day)s, corrected on request %(number)s: %(words)s")
    return f"{text}\n\n{line % {'day': day, 'number': request.reference, 'words': words}}".strip()
