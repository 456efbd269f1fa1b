"""Emergency accounts: the way in when the organisation's own sign-in does not work."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from vpdportal.accounts.access import memberships_at
from vpdportal.accounts.actions import AccountsError
from vpdportal.accounts.models import Organisation, PasswordSignIn, User
from vpdportal.accounts.person_actions import check_only_yours
from vpdportal.audit.chain import record


class OwnEmergency(AccountsError):
    """Nobody gives themselves a way around the organisation's own sign-in."""


class LastEmergencyAccount(AccountsError):
    """Without one, nobody could get in on the day that the organisation's own sign-in does not work."""


def emergency_people(organisation: Organisation, now: datetime) -> list[User]:
    """Who can sign in with a password here, whatever the organisation asks of others; by name."""
    rows = memberships_at(now).filter(organisation=organisation, user__is_emergency_account=True)
    return list(User.objects.filter(pk__in=rows.values("user")).order_by("name", "pk"))


def set_emergency(*, user: User, is_emergency: bool, organisation: Organisation, by: User, now: datetime) -> None:
    """Make an account one for emergencies, or an ordinary one again. A second click does nothing.

    Raises OwnEmergency, NotOnlyYours, LastEmergencyAccount.
    """
    if user.pk == by.pk:
        raise OwnEmergency(_("You cannot do this for your own account. Ask another administrator."))
    with transaction.atomic():
        held = Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
        check_only_yours(user, by, now)
        others = [one for one in emergency_people(held, now) if one.pk != user.pk]
        if not is_emergency and not others and held.password_sign_in == PasswordSignIn.EMERGENCY:
            raise LastEmergencyAccount(_("This is the last emergency account. Appoint another one first."))
        changed = User.objects.filter(pk=user.pk, is_emergency_account=not is_emergency)
        if changed.update(is_emergency_account=is_emergency):
            record(
                action="emergency.named" if is_emergency else "emergency.ended",
                now=now,
                actor_id=by.pk,
                organisation_id=held.pk,
                object_type="user",
                object_id=user.pk,
            )
