"""Closed accounts of people who left: their name goes when no case is about them and the longest term has passed."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from incidents.actions.keeping.terms import Terms, months_after, terms_of
from incidents.models import CalendarFeed, Exclusion, Incident, OfflineKey, SavedList, Witness
from incidents.vocabulary import KeptPart
from vpdportal.accounts.models import Membership, Organisation, User
from vpdportal.accounts.removed import DOMAIN, forget_account
from vpdportal.audit.chain import record

OWN_ROWS = (CalendarFeed, SavedList, OfflineKey)


def forget_leavers(*, now: datetime) -> int:
    """Forget who left longer ago than the term of who it happened to, in every organisation where they had a role.

    Not where one of these has no agreed term, nor while any case is about them or theirs to handle. Gives how many.
    """
    terms: dict[object, Terms] = {one.pk: terms_of(one) for one in Organisation.objects.all()}
    count = 0
    for user in _closed():
        roles = list(Membership.objects.filter(user=user))
        if roles and all(_is_past(role, terms[role.organisation_id], now) for role in roles):
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
            count += 1
    return count


def _closed() -> QuerySet[User]:
    """Closed accounts that still say who it was, of people who are in no case."""
    mine = Q(reporter=OuterRef("pk")) | Q(affected=OuterRef("pk")) | Q(adviser=OuterRef("pk"))
    seen = [Exists(model._default_manager.filter(user=OuterRef("pk"))) for model in (Witness, Exclusion)]
    closed = User.objects.filter(is_active=False).exclude(email__endswith=f"@{DOMAIN}")
    return closed.filter(~Exists(Incident.objects.filter(mine)), *[~one for one in seen])


def _is_past(role: Membership, terms: Terms, now: datetime) -> bool:
    today = timezone.localdate(now)
    months = terms.months(KeptPart.VICTIM, today)
    return months is not None and role.ends_on is not None and months_after(role.ends_on, months) <= today
