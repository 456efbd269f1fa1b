"""Closed accounts of people who left: their name goes when no case is about them and the longest term has passed."""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from incidents.actions.keeping.rows import links_to_people
from incidents.actions.keeping.terms import Terms, months_after, terms_of
from incidents.data_request_rows import FINISHED, LIMITS
from incidents.models import (
    CalendarFeed,
    CaseLink,
    DataRequest,
    Exclusion,
    Incident,
    OfflineKey,
    RetentionStay,
    SavedList,
    Witness,
)
from incidents.vocabulary import KeptPart, StayKind
from vpdportal.accounts.models import Membership, Organisation, User
from vpdportal.accounts.removed import DOMAIN, forget_account
from vpdportal.audit.chain import record

log = logging.getLogger(__name__)

OWN_ROWS = (CalendarFeed, SavedList, OfflineKey)


def forget_leavers(*, now: datetime) -> int:
    """Forget who left longer ago than the term of who it happened to, in every organisation where they had a role.

    Not where one of these has no agreed term, nor while any case is about them or theirs to handle, a case that names
    them is held for a legal matter, or they asked about their data (or these are limited). Gives how many.
    """
    terms: dict[object, Terms] = {one.pk: terms_of(one) for one in Organisation.objects.all()}
    held, count = _named_in_held_cases(), 0
    for user in _closed():
        if user.pk in held:
            continue
        try:
            count += _forget(user, terms, now)
        except Exception:
            log.exception("a closed account could not be forgotten")
    return count


def _forget(user: User, terms: dict[object, Terms], now: datetime) -> bool:
    """Forget this person where every term has passed; gives whether it was."""
    roles = list(Membership.objects.filter(user=user))
    if not roles or not all(_is_past(role, terms[role.organisation_id], now) for role in roles):
        return False
    with transaction.atomic():
        for model in OWN_ROWS:
            model._default_manager.filter(user=user).delete()
        forget_account(user)
        for organisation_id in {role.organisation_id for role in roles}:
            record(
                action="retention.account_forgotten",
                now=now,
                actor_id=None,
                organisation_id=organisation_id,
                object_type="user",
                object_id=user.pk,
            )
    return True


def _closed() -> QuerySet[User]:
    """Closed accounts that still say who it was, of people who are in no case and asked nothing about their data."""
    mine = Q(reporter=OuterRef("pk")) | Q(affected=OuterRef("pk")) | Q(adviser=OuterRef("pk"))
    seen = [Exists(model._default_manager.filter(user=OuterRef("pk"))) for model in (Witness, Exclusion)]
    asked = DataRequest.objects.filter(Q(LIMITS) | ~Q(status__in=FINISHED), user=OuterRef("pk"))
    closed = User.objects.filter(is_active=False).exclude(email__endswith=f"@{DOMAIN}")
    return closed.filter(~Exists(Incident.objects.filter(mine)), ~Exists(asked), *[~one for one in seen])


def _named_in_held_cases() -> set[object]:
    """Who is named anywhere in a case that is held for a legal matter, or in a report that joined it.

    A hold of one part counts too: who wrote or signed what is held must be found.
    """
    stays = RetentionStay.objects.filter(kind=StayKind.LEGAL_HOLD, lifted_at__isnull=True)
    reports = Incident.objects.filter(pk__in=stays.values("incident")).order_by()
    mains = set(reports.annotate(main=Coalesce("merged_into", "pk")).values_list("main", flat=True))
    if not mains:
        return set()
    cases = set(Incident.objects.filter(Q(pk__in=mains) | Q(merged_into__in=mains)).values_list("pk", flat=True))
    found: set[object] = set()
    for model, path, column in [*links_to_people(), (CaseLink, "one", "by"), (CaseLink, "other", "by")]:
        rows = model._default_manager.filter(**{f"{path}__in": cases}).order_by()
        found.update(rows.values_list(column, flat=True).distinct())
    return found


def _is_past(role: Membership, terms: Terms, now: datetime) -> bool:
    today = timezone.localdate(now)
    months = terms.months(KeptPart.VICTIM, today)
    return months is not None and role.ends_on is not None and months_after(role.ends_on, months) <= today
