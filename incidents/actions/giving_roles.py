"""Roles that open much: who can agree hears that one waits, and who must know hears that one was given."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from incidents.actions.reminders.alarms import tell_at_once
from incidents.vocabulary import AlarmKind
from vpdportal.accounts.access import memberships_at
from vpdportal.accounts.actions import give_role, invite_person
from vpdportal.accounts.models import Department, Membership, Organisation, RoleProposal, User
from vpdportal.accounts.role_proposals import agree_with_role, propose_role, who_can_agree
from vpdportal.accounts.roles import NEEDS_TWO, Role

MUST_KNOW = (Role.ADVISER, Role.AUDITOR)  # who would see it first when someone makes himself adviser


def ask_for_role(
    *,
    user: User,
    organisation: Organisation,
    role: Role,
    by: User,
    now: datetime,
    department: Department | None = None,
    starts_on: date,
    ends_on: date | None = None,
) -> RoleProposal:
    """Ask for a role for someone, and tell who can agree. Raises what propose_role raises."""
    with transaction.atomic():
        proposal = propose_role(
            user=user,
            organisation=organisation,
            role=role,
            department=department,
            starts_on=starts_on,
            ends_on=ends_on,
            by=by,
            now=now,
        )
        others = who_can_agree(organisation=organisation, without={by.pk, user.pk}, now=now)
        people = set(others.values_list("user", flat=True))
        tell_at_once(organisation=organisation.pk, people=people, kind=AlarmKind.ROLE_PROPOSED, now=now)
    return proposal


def agree_with_role_asked(*, proposal: RoleProposal, by: User, now: datetime) -> Membership:
    """Agree, and tell the advisers and the data protection officer. Raises what agree_with_role raises."""
    with transaction.atomic():
        membership = agree_with_role(proposal=proposal, by=by, now=now)
        tell_who_must_know(membership, by, now)
    return membership


def give_role_as_installation(
    *, email: str, name: str, organisation: Organisation, role: Role, ends_on: date | None, now: datetime
) -> Membership:
    """A role given by who runs the portal, where nobody else could agree. It stands in the log as the portal's own.

    Raises what give_role raises.
    """
    with transaction.atomic():
        membership = give_role(
            user=invite_person(email=email, name=name),
            organisation=organisation,
            role=role,
            starts_on=timezone.localdate(now),
            ends_on=ends_on,
            by=None,
            now=now,
        )
        if role in NEEDS_TWO:
            tell_who_must_know(membership, None, now)
    return membership


def tell_who_must_know(membership: Membership, by: User | None, now: datetime) -> None:
    """All of them but who agreed, and who got it; who heard of another role today hears again.

    Called by name too (settings.ROLE_GIVEN), from the floor below, for a role that an identity provider gives.
    """
    organisation = membership.organisation_id
    here = memberships_at(now).filter(organisation=organisation, role__in=MUST_KNOW)
    people = set(here.values_list("user", flat=True)) - {membership.user_id, by.pk if by else None}
    tell_at_once(organisation=organisation, people=people, kind=AlarmKind.ROLE_GIVEN, now=now)
