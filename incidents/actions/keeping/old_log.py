"""The audit log goes by its own term, by whole months, from its beginning: what is left still proves itself.

A legal hold keeps it too, from the first thing that was noted about a case that is held or a person in it: who looked
may be what the matter is about.
"""

from datetime import datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from incidents.actions.keeping.certificates import add_counts, open_round
from incidents.actions.keeping.terms import LEAST_MONTHS, months_after, terms_of
from incidents.models import Incident, Involvement, LogReview, RetentionStay
from incidents.vocabulary import KeptPart, StayKind
from vpdportal.accounts.models import Organisation
from vpdportal.audit.cutting import cut, last_to_go
from vpdportal.audit.models import AuditEvent

AUDIT = KeptPart.AUDIT


def log_goes_before(organisation: Organisation, now: datetime) -> datetime | None:
    """The beginning of the first month that stays; None where no term holds, or a longer one begins to hold first."""
    terms, today = terms_of(organisation), timezone.localdate(now)
    months = terms.months(AUDIT, today)
    if months is None:
        return None
    first = months_after(today, -max(months, LEAST_MONTHS[AUDIT])).replace(day=1)
    on = terms.end_of(AUDIT, first - timedelta(days=1), today)
    return timezone.make_aware(datetime.combine(first, time())) if on is not None and on <= today else None


def log_due(organisation: Organisation, now: datetime) -> AuditEvent | None:
    """The last event that goes now with all before it; None where nothing goes."""
    before = log_goes_before(organisation, now)
    return last_to_go(organisation.pk, before, _held(organisation)) if before else None


def destroy_log(*, organisation: Organisation, now: datetime) -> int:
    """Cut off what is due of the log of this organisation, with the samples of those months. Gives how many events."""
    before = log_goes_before(organisation, now)
    if before is None or log_due(organisation, now) is None:
        return 0
    with transaction.atomic():
        destruction = open_round(organisation=organisation, now=now)
        gone = cut(organisation_id=organisation.pk, before=before, held=_held(organisation), now=now)
        add_counts(destruction, {"AuditEvent": gone, "LogReview": _remove_samples(organisation)})
    return gone


def destroy_log_of_installation(*, now: datetime) -> int:
    """Cut off what is older than the longest term of all organisations; nothing while one of them has none.

    It holds who tried to sign in, and how far the other logs went. Of no organisation, so it has no certificate: the
    cut itself stands in it, and in the log of the machine. Gives how many events.
    """
    terms = [log_goes_before(organisation, now) for organisation in Organisation.objects.all()]
    known = [before for before in terms if before]
    if not known or len(known) < len(terms):
        return 0
    return cut(organisation_id=None, before=min(known), held=(), now=now)


def _held(organisation: Organisation) -> set[UUID]:
    """What a legal hold is about: the cases, what joined them, and the people in them."""
    stays = RetentionStay.objects.filter(organisation=organisation, kind=StayKind.LEGAL_HOLD, lifted_at__isnull=True)
    held = set(stays.values_list("incident", flat=True))
    if not held:
        return set()
    cases = set(Incident.objects.filter(Q(pk__in=held) | Q(merged_into__in=held)).values_list("pk", flat=True))
    return cases | set(Involvement.objects.filter(incident__in=cases).values_list("person", flat=True))


def _remove_samples(organisation: Organisation) -> int:
    """Those of months of which no event is left. Gives how many."""
    first = AuditEvent.objects.filter(organisation_id=organisation.pk).order_by("position").first()
    if first is None:
        return 0
    day = timezone.localdate(first.at)
    older = LogReview.objects.filter(Q(year__lt=day.year) | Q(year=day.year, month__lt=day.month))
    return older.filter(organisation=organisation).delete()[0]
