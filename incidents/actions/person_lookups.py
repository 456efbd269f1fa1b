"""Looking someone up from a case. It is asked of criminal-law data: each time leaves a row, and a day has an end."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from incidents.actions.person_search import Found, digests_by_kind, find_persons
from incidents.actions.refusals import Refused
from incidents.models import Incident
from incidents.models.person import Identifiers
from vpdportal.accounts.models import User
from vpdportal.audit.chain import record, times_today

LOOKED_UP = "person.searched"  # audit action
MOST_A_DAY = 60  # for one person in one organisation [OWN]: far above a day's work, far below a list of a town


class TooManyLookups(Refused):
    message = _(
        "You looked people up 60 times today, and that is the most in one day. Nothing was looked up now. Go on "
        "tomorrow, or ask another VPD adviser."
    )


def look_up_persons(*, incident: Incident, identifiers: Identifiers, by: User, now: datetime) -> list[Found]:
    """The records of the organisation of the case that go by one of these (`find_persons`).

    The audit holds by which kinds was looked, in which case and how many were found; never what was typed. When that
    cannot be written, nothing is found. Raises TooManyLookups.
    """
    organisation_id = incident.organisation_id
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=by.pk)  # two at once are two, not one
        if times_today(action=LOOKED_UP, actor_id=by.pk, organisation_id=organisation_id, now=now) >= MOST_A_DAY:
            raise TooManyLookups
        found = find_persons(organisation_id=organisation_id, identifiers=identifiers, by=by, now=now)
        kinds = set(digests_by_kind(identifiers, organisation_id).values())
        record(
            action=LOOKED_UP,
            now=now,
            actor_id=by.pk,
            organisation_id=organisation_id,
            object_type="incident",
            object_id=incident.pk,
            fields=[*kinds, f"found_{len(found)}"],
        )
    return found
