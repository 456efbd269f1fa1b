"""Who comes in with the organisation's own account: which account that is, and with which roles (ADR 29).

An account belongs to a provider and the subject that it names; never to an address, which another may get tomorrow.
"""

from dataclasses import dataclass
from datetime import datetime

from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from vpdportal.accounts.access import memberships_at
from vpdportal.accounts.actions import invite_person
from vpdportal.accounts.models import Membership, Organisation, User
from vpdportal.accounts.signing_in.sessions import end_sessions
from vpdportal.accounts.signing_in.single_sign_on.following import follow_details, follow_roles, given_roles
from vpdportal.accounts.signing_in.single_sign_on.identity import Identity, NotLetIn, Refusal
from vpdportal.audit.chain import record
from vpdportal.sign_in_file import Provider
from vpdportal.tenancy import everywhere


@dataclass(frozen=True)
class Arrival:
    """The account, and why it does not come in after all, if so."""

    user: User | None = None
    refusal: Refusal | None = None


def arrive(*, provider: Provider, identity: Identity, now: datetime) -> Arrival:
    """Find or make the account, and bring its roles, name and address up to date with what the provider says.

    Who is refused leaves no change, but for one: whose last role ended has lost it, and their sessions with it.
    """
    with everywhere():  # nobody is signed in yet, and an account may have roles elsewhere that count here
        organisation = Organisation.objects.filter(slug=provider.organisation).first()
        if organisation is None:
            return Arrival(refusal=Refusal.NOT_SET_UP)
        try:
            with transaction.atomic():
                return _let_in(provider, organisation, identity, now)
        except NotLetIn as refused:
            user = _known(provider, identity)
            _note("sign_in.refused", user, organisation, provider, now, refused.reason)
            return Arrival(user, refused.reason)


def _let_in(provider: Provider, organisation: Organisation, identity: Identity, now: datetime) -> Arrival:
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)  # two first times at once: one waits
    user = _known(provider, identity)
    if user is None:
        user = _first_time(provider, organisation, identity, now)
        SocialAccount.objects.create(user=user, provider=provider.id, uid=identity.subject)
        _note("sign_in.linked", user, organisation, provider, now)
    if not user.is_active:
        raise NotLetIn(Refusal.ACCOUNT_CLOSED)
    if provider.manages_roles:
        follow_roles(user, organisation, provider, identity, now)
    follow_details(user, organisation, provider, identity, now)
    if not memberships_at(now).filter(user=user).exists():
        end_sessions(user)
        _note("sign_in.refused", user, organisation, provider, now, Refusal.NO_ROLE)
        return Arrival(user, Refusal.NO_ROLE)
    return Arrival(user)


def _known(provider: Provider, identity: Identity) -> User | None:
    account = SocialAccount.objects.select_related("user").filter(provider=provider.id, uid=identity.subject).first()
    return account.user if account else None


def _first_time(provider: Provider, organisation: Organisation, identity: Identity, now: datetime) -> User:
    """The account that was made for this person beforehand, or a new one for who has a role. Raises NotLetIn."""
    if not identity.email:
        raise NotLetIn(Refusal.ADDRESS_UNKNOWN)
    invited = User.objects.select_for_update(no_key=True).filter(email=identity.email).first()
    if invited is not None:
        if not _is_for(invited, organisation, now):
            raise NotLetIn(Refusal.ADDRESS_TAKEN)
        return invited
    if not (provider.manages_roles and given_roles(organisation, provider, identity)):
        raise NotLetIn(Refusal.NO_ROLE)
    return invite_person(email=identity.email, name=identity.name or identity.email.partition("@")[0])


def _is_for(invited: User, organisation: Organisation, now: datetime) -> bool:
    """Whether an account of this address is certainly the one of who comes in.

    Not when it has another way in from a provider, is there for emergencies, or is anything in another organisation:
    one organisation's sign-in opens nothing of another's.
    """
    is_linked = SocialAccount.objects.filter(user=invited).exists()
    held = Membership.objects.filter(Q(ends_on=None) | Q(ends_on__gte=timezone.localdate(now)), user=invited)
    places = set(held.values_list("organisation_id", flat=True))
    return not is_linked and not invited.is_emergency_account and places == {organisation.pk}


def _note(
    action: str,
    user: User | None,
    organisation: Organisation,
    provider: Provider,
    now: datetime,
    reason: Refusal | None = None,
) -> None:
    record(
        action=action,
        now=now,
        actor_id=user.pk if user else None,
        organisation_id=organisation.pk,
        object_type="user",
        object_id=user.pk if user else None,
        fields=[f"provider:{provider.id}", *([reason.value] if reason else [])],
    )
