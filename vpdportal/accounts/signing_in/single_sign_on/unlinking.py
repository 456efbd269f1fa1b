"""Letting go of the provider of an account: someone's account there was made anew, under another subject."""

from datetime import datetime

from allauth.socialaccount.models import SocialAccount
from django.db import transaction

from vpdportal.accounts.models import User
from vpdportal.accounts.person_actions import hold_organisations_of
from vpdportal.accounts.signing_in.sessions import end_sessions
from vpdportal.audit.chain import record


def unlink(*, user: User, now: datetime) -> int:
    """The next who signs in with this address may become this account's owner, as for one that was just made.

    Only for who runs the installation, after someone looked the person in the face: it is the one step in which an
    account can change hands. Their sessions end. Gives how many links there were.
    """
    with transaction.atomic():
        organisations = hold_organisations_of(user)
        links = SocialAccount.objects.filter(user=user)
        providers = sorted(links.values_list("provider", flat=True))
        links.delete()
        if providers:
            end_sessions(user)
            for organisation in organisations:
                record(
                    action="sign_in.unlinked",
                    now=now,
                    actor_id=None,
                    organisation_id=organisation,
                    object_type="user",
                    object_id=user.pk,
                    fields=[f"provider:{one}" for one in providers],
                )
    return len(providers)
