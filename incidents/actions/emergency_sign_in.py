"""An emergency account was used: who watches over the portal hears of it."""

from datetime import datetime

from django.db import transaction

from incidents.actions.reminders.alarms import write_alarms
from incidents.vocabulary import AlarmKind
from vpdportal.accounts.access import memberships_at
from vpdportal.accounts.models import Membership, User
from vpdportal.accounts.roles import Role
from vpdportal.audit.chain import record
from vpdportal.tenancy import everywhere

WATCHING = (Role.AUDITOR, Role.ADMINISTRATOR)


def tell_of_emergency_sign_in(*, user: User, now: datetime) -> int:
    """Write it down in the trail of each organisation of the account, and tell the FG and the administrators.

    Not the person who signed in. Called by name (settings.EMERGENCY_SIGN_IN) from the floor below, on every way of
    signing in. Gives the number of people told; one mail a day, however often it happens.
    """
    with everywhere(), transaction.atomic():  # of each organisation of the account, before anything else of it is read
        theirs = set(Membership.objects.filter(user=user).values_list("organisation", flat=True))
        for organisation in sorted(theirs):
            record(
                action="sign_in.emergency",
                now=now,
                actor_id=user.pk,
                organisation_id=organisation,
                object_type="user",
                object_id=user.pk,
            )
        watching = memberships_at(now).filter(organisation__in=theirs, role__in=WATCHING).exclude(user=user)
        people = set(watching.values_list("organisation", "user"))
        return write_alarms(people=people, kind=AlarmKind.EMERGENCY_SIGN_IN, now=now)
