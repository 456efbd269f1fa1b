"""Emergency accounts: the way in when the organisation's own sign-in does not work."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from vpdportal.accounts.actions import AccountsError
from vpdportal.accounts.models import Organisation, User
from vpdportal.accounts.person_actions import check_only_yours, check_others_get_in
from vpdportal.audit.chain import record
from vpdportal.sign_in_file import Provider


class OwnEmergency(AccountsError):
    """Nobody gives themselves a way around the organisation's own sign-in."""


def providers_of(organisation: Organisation) -> list[Provider]:
    """By which the people of this organisation can sign in with its own account."""
    return [one for one in settings.SIGN_IN_PROVIDERS if one.organisation == organisation.slug]


def set_emergency(*, user: User, is_emergency: bool, organisation: Organisation, by: User, now: datetime) -> None:
    """Make an account one for emergencies, or an ordinary one again. A second click does nothing.

    Raises OwnEmergency, NotOnlyYours, LastEmergencyAccount.
    """
    if user.pk == by.pk:
        raise OwnEmergency(_("You cannot do this for your own account. Ask another administrator."))
    with transaction.atomic():
        held = Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
        check_only_yours(user, by, now)
        if not is_emergency:
            check_others_get_in(user, [held.pk], now)
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
