"""Who acts on a case: the adviser on duty, but never someone who is kept out of it."""

from datetime import datetime
from uuid import UUID

from incidents.models import Exclusion, Incident
from vpdportal.accounts.access import duty_adviser
from vpdportal.accounts.models import User


def kept_out(incident: Incident) -> set[UUID]:
    """The people for whom this case does not exist."""
    return set(Exclusion.objects.filter(incident=incident.pk).values_list("user_id", flat=True))


def on_duty(incident: Incident, now: datetime) -> User | None:
    """The adviser or deputy who gets what has to be done in this case now; None when there is nobody."""
    return duty_adviser(incident.organisation_id, now, without=kept_out(incident))
