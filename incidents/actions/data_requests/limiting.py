"""A limit that was granted (AVG 18, or 21 after an objection): the data are kept and not used until it is ended.

[OWN] What that means here: every page of a case and a record says so, nothing of it is destroyed because a term ended
(AVG 18), rows for an analyst leave the case out and a list of cases marks it. Numbers of a period count on: nobody is
in them, and a number that changes would tell that someone asked. Protecting an employee goes on, as AVG 18(2) lets it.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from incidents.actions.data_requests.requests import granted, keep, note
from incidents.actions.refusals import Refused
from incidents.data_request_rows import LIMITING
from incidents.models import DataRequest
from vpdportal.accounts.models import User


class EndedBefore(Refused):
    message = _("This was ended already. Nothing was changed.")


def end_limit(*, request: DataRequest, by: User, now: datetime) -> None:
    """The data may be used again; who asked was told before (AVG 18, third paragraph). Raises NotNow, EndedBefore."""
    with transaction.atomic():
        fresh = granted(request, *LIMITING)
        if fresh.ended_at is not None:
            raise EndedBefore
        fresh.ended_at, fresh.ended_by = now, by
        keep(fresh, "ended_at", "ended_by")
        note(fresh, "data_request.ended", by, now)
