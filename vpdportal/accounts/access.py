"""What a person may do, read from the database once in each request.

A view asks `standing(user, now)`; nothing here knows a case (incidents.querysets does).
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from vpdportal.accounts.models import Absence, Membership, Organisation, User
from vpdportal.accounts.roles import RIGHTS, Right, Role
from vpdportal.tenancy import everywhere

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Standing:
    """The memberships that hold for one person at one moment."""

    memberships: tuple[Membership, ...]

    def may(self, right: Right, organisation_id: UUID | None = None) -> bool:
        """Whether some role gives the right, in this organisation or (None) in any."""
        return any(
            right in RIGHTS[Role(membership.role)]
            for membership in self.memberships
            if organisation_id is None or membership.organisation_id == organisation_id
        )

    def organisations(self, right: Right) -> list[Organisation]:
        """The organisations in which some role gives the right, by name."""
        found = {m.organisation_id: m.organisation for m in self.memberships if right in RIGHTS[Role(m.role)]}
        return sorted(found.values(), key=lambda organisation: organisation.name)

    def departments(self, right: Right) -> list[UUID]:
        """The departments for which a role gives the right."""
        return [m.department_id for m in self.memberships if m.department_id and right in RIGHTS[Role(m.role)]]

    def roles(self) -> list[Role]:
        return sorted({Role(membership.role) for membership in self.memberships}, key=list(Role).index)


def memberships_at(now: datetime) -> QuerySet[Membership]:
    """Memberships of active people that hold on the local day of `now`."""
    day = timezone.localdate(now)
    return Membership.objects.filter(starts_on__lte=day, user__is_active=True).filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=day)
    )


def staying_at(now: datetime) -> QuerySet[Membership]:
    """Of those, the memberships that hold tomorrow too: only on these is work given to someone."""
    return memberships_at(now).exclude(ends_on=timezone.localdate(now))


def standing(user: Any, now: datetime) -> Standing:
    """Who this person is now. One query, kept for as long as this user object lives: one request."""
    if not user.is_authenticated:
        return Standing(())
    day = timezone.localdate(now)
    return Standing(tuple(membership for membership in _ever(user, day) if membership.holds_on(day)))


def organisations_of(user: Any, now: datetime) -> set[UUID]:
    """The organisations in which this person is, was or will be something. Shares the query of `standing`."""
    if not user.is_authenticated:
        return set()
    return {membership.organisation_id for membership in _ever(user, timezone.localdate(now))}


def _ever(user: Any, day: date) -> tuple[Membership, ...]:
    """All memberships of an active person, also those that ended, as they are on this day."""
    kept: dict[date, tuple[Membership, ...]] = user.__dict__.setdefault("_standing", {})
    if day not in kept:
        mine = Membership.objects.filter(user=user, user__is_active=True).select_related("organisation", "department")
        with everywhere():  # whom someone is, wherever: from this the scope of a request follows
            kept[day] = tuple(mine)
    return kept[day]


def know_standings(users: Collection[User], now: datetime) -> None:
    """Read what all of these people are in one query, so that `standing` asks nothing of any of them."""
    day = timezone.localdate(now)
    theirs: dict[UUID, list[Membership]] = {user.pk: [] for user in users}
    found = Membership.objects.filter(user__in=theirs, user__is_active=True)
    with everywhere():
        for membership in found.select_related("organisation", "department"):
            theirs[membership.user_id].append(membership)
    for user in users:
        user.__dict__.setdefault("_standing", {})[day] = tuple(theirs[user.pk])


def staying(user: Any, now: datetime) -> Standing:
    """What this person still is after the local day of `now`. Asks no more than `standing` does."""
    day = timezone.localdate(now)
    return Standing(tuple(membership for membership in standing(user, now).memberships if membership.ends_on != day))


def require(*rights: Right) -> Callable[[View], View]:
    """A view decorator: 403 for a signed-in person whose roles give none of these rights anywhere."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            here = standing(request.user, request.now)  # type: ignore[attr-defined]
            if not any(here.may(right) for right in rights):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.required_rights = rights  # type: ignore[attr-defined]
        return guarded

    return decorate


def people_with(role: Role, organisation_id: UUID, now: datetime) -> list[User]:
    """The people who hold the role in the organisation, in the order in which they got it."""
    return [membership.user for membership in _holders([role], organisation_id, now)]


def _holders(roles: Collection[Role], organisation_id: UUID, now: datetime) -> QuerySet[Membership]:
    rows = memberships_at(now).filter(organisation_id=organisation_id, role__in=roles).select_related("user")
    return rows.order_by("starts_on", "id")


def is_absent(user_id: UUID, organisation_id: UUID, now: datetime) -> bool:
    return Absence.objects.filter(
        user_id=user_id, organisation_id=organisation_id, starts_at__lte=now, ends_at__gt=now
    ).exists()


def duty_order(membership: Membership, day: date, first: UUID | None = None) -> tuple[bool, bool, bool]:
    """What sorts the people at the desk on a day, with `user` loaded; whoever comes first is on duty."""
    return (membership.ends_on == day, membership.user_id != first, not membership.user.works_on_day(day))


def duty_adviser(
    organisation_id: UUID, now: datetime, without: Collection[UUID] = (), first: UUID | None = None
) -> User | None:
    """Who gets the organisation's new tasks: a present adviser, else a present deputy, else an adviser all the same.

    Whose last day is today comes after everyone else who is present: tomorrow that person can do nothing with it. Who
    does not work today comes after who does.

    `first`: who comes before them all when an adviser or deputy still: who handles the case it is about.

    `without`: people who must not know of it, such as someone who is a party. None only when nobody else is an
    adviser or deputy: then tasks wait without an owner and the overview of tasks says so.
    """
    today = timezone.localdate(now)
    rows = sorted(
        _holders([Role.ADVISER, Role.DEPUTY], organisation_id, now),
        key=lambda membership: (*duty_order(membership, today, first), membership.role != Role.ADVISER),
    )
    possible = [membership.user for membership in rows if membership.user_id not in without]
    for person in possible:
        if not is_absent(person.pk, organisation_id, now):
            return person
    return next(iter(possible), None)
