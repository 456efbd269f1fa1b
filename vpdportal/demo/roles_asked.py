"""A role that waits for a second person, and one that was agreed with: so that the page of the officer is not empty."""

from datetime import datetime, timedelta

from django.utils import timezone

from incidents.actions.giving_roles import agree_with_role_asked, ask_for_role
from vpdportal.accounts.models import Organisation, User
from vpdportal.accounts.roles import Role

ANALYST = "Esra Eekhoorn"  # becomes analyst for a quarter
DEPUTY = "Rik Raadhuis"  # waits: deputy while the adviser is on leave


def ask_for_roles(*, organisation: Organisation, administrator: User, officer: User, now: datetime) -> None:
    """The people are named in the story of the demonstration."""
    today = timezone.localdate(now)
    for name, role, ago in ((ANALYST, Role.ANALYST, 20), (DEPUTY, Role.DEPUTY, 1)):
        then = now - timedelta(days=ago)
        proposal = ask_for_role(
            user=User.objects.get(name=name),
            organisation=organisation,
            role=role,
            starts_on=timezone.localdate(then),
            ends_on=today + timedelta(days=60),
            by=administrator,
            now=then,
        )
        if role == Role.ANALYST:
            agree_with_role_asked(proposal=proposal, by=officer, now=then + timedelta(hours=3))
