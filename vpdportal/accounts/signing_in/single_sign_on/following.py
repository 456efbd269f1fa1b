"""What the identity provider keeps up to date of an account: roles, name, address. What an administrator gave stays."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import import_string

from vpdportal.accounts.actions import AccountClosed, LastAdviser, RolesCollide, check_others_last, give_role
from vpdportal.accounts.models import Department, Membership, Organisation, User
from vpdportal.accounts.person_actions import AddressTaken, follow_address
from vpdportal.accounts.roles import NEEDS_TWO, Role
from vpdportal.accounts.signing_in.single_sign_on.identity import Identity, NotLetIn, Refusal
from vpdportal.audit.chain import record
from vpdportal.sign_in_file import Provider

Given = tuple[Role, Department | None]


def given_roles(organisation: Organisation, provider: Provider, identity: Identity) -> list[Given]:
    """What this person is to be, by the groups. Raises NotLetIn when the file names a department that is not there."""
    wanted = [one for one in provider.roles if one.group in identity.groups]
    departments = {one.name: one for one in organisation.departments.filter(is_active=True)}
    if any(one.department and one.department not in departments for one in wanted):
        raise NotLetIn(Refusal.NOT_SET_UP)
    return list(dict.fromkeys((Role(one.role), departments.get(one.department)) for one in wanted))


def follow_roles(user: User, organisation: Organisation, provider: Provider, identity: Identity, now: datetime) -> None:
    """End what the provider gives no more, then give what it gives. Raises NotLetIn."""
    wanted = given_roles(organisation, provider, identity)
    today = timezone.localdate(now)
    held = list(
        Membership.objects.filter(
            Q(ends_on=None) | Q(ends_on__gte=today), user=user, organisation=organisation, source=provider.id
        ).select_related("department")
    )
    roles = {role for role, _department in wanted}
    # What collides goes before what comes; the same role in another department after it, or nobody would be adviser.
    gone = [membership for membership in held if Role(membership.role) not in roles]
    moved = [one for one in held if one not in gone and (Role(one.role), one.department) not in wanted]
    try:
        for membership in gone:
            _end_at_once(membership, provider, now)
        for role, department in wanted:
            membership = give_role(
                user=user,
                organisation=organisation,
                role=role,
                department=department,
                starts_on=today,
                by=None,
                source=provider.id,
                now=now,
            )
            if role in NEEDS_TWO and membership.source and membership not in held:
                tell: Any = import_string(settings.ROLE_GIVEN)
                tell(membership, None, now)
        for membership in moved:
            _end_at_once(membership, provider, now)
    except LastAdviser:
        raise NotLetIn(Refusal.LAST_ADVISER) from None
    except RolesCollide:
        raise NotLetIn(Refusal.ROLES_COLLIDE) from None
    except AccountClosed:
        raise NotLetIn(Refusal.ACCOUNT_CLOSED) from None


def _end_at_once(membership: Membership, provider: Provider, now: datetime) -> None:
    """The role does not hold today either. Raises LastAdviser. The caller holds the organisation's row."""
    if membership.role == Role.ADVISER:
        check_others_last(membership, ~Q(pk=membership.pk))
    record(
        action="role.ended",
        now=now,
        actor_id=None,
        organisation_id=membership.organisation_id,
        object_type="membership",
        object_id=membership.pk,
        fields=[membership.role, f"provider:{provider.id}"],
    )
    yesterday = timezone.localdate(now) - timedelta(days=1)
    if membership.starts_on > yesterday:
        membership.delete()
    else:
        membership.ends_on = yesterday
        membership.save(update_fields=["ends_on"])


def follow_details(
    user: User, organisation: Organisation, provider: Provider, identity: Identity, now: datetime
) -> None:
    """Name and address as the provider has them now. Not of who is something in another organisation too.

    Whoever has an address can choose a password by it; so one organisation must not change that of another's people.
    """
    held = Membership.objects.filter(Q(ends_on=None) | Q(ends_on__gte=timezone.localdate(now)), user=user)
    if held.exclude(organisation=organisation).exists():
        return
    if identity.name and identity.name != user.name:
        user.name = identity.name
        user.save(update_fields=["name"])
        record(
            action="name.changed",
            now=now,
            actor_id=None,
            organisation_id=organisation.pk,
            object_type="user",
            object_id=user.pk,
            fields=["name", f"provider:{provider.id}"],
        )
    if identity.email and identity.email != user.email:
        try:
            changed = follow_address(
                user=user, email=identity.email, organisation=organisation, source=provider.id, now=now
            )
        except AddressTaken:
            return  # of another account: two people. This one keeps the address it has
        user.email = changed.email
