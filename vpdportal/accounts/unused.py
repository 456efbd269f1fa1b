"""Accounts that nobody uses: an open door that nobody watches (joiner, mover, leaver)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet

from vpdportal.accounts.access import memberships_at
from vpdportal.accounts.models import Organisation, User

UNUSED_DAYS = 90  # [OWN] a season: longer than a long leave, shorter than people forget that someone left


@dataclass(frozen=True)
class UnusedAccount:
    """An account and its last sign-in. An emergency account is meant to lie still, but not to be forgotten."""

    person: User
    roles: list[str]

    @property
    def never(self) -> bool:
        return self.person.last_login is None


def unused_accounts(organisation: Organisation, now: datetime) -> QuerySet[User]:
    """Who has a role here today and never signed in, or not for 90 days; who never did comes first."""
    here = memberships_at(now).filter(organisation=organisation)
    since = now - timedelta(days=UNUSED_DAYS)
    people = User.objects.filter(pk__in=here.values("user"), is_active=True)
    unused: QuerySet[User] = people.filter(Q(last_login=None) | Q(last_login__lt=since))
    return unused.order_by(F("last_login").asc(nulls_first=True), "name", "pk")


def with_roles(people: list[User], organisation: Organisation, now: datetime) -> list[UnusedAccount]:
    """These people with what they are here. One query."""
    rows = memberships_at(now).filter(organisation=organisation, user__in=people)
    roles: dict[object, list[str]] = {}
    for row in rows.order_by("role"):
        labels = roles.setdefault(row.user_id, [])
        if (label := str(row.get_role_display())) not in labels:
            labels.append(label)
    return [UnusedAccount(person, roles.get(person.pk, [])) for person in people]
