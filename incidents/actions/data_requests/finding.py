"""Looking whether there is a record of who asks: by exact identifiers, counted and written down like every look-up."""

from datetime import datetime

from django.db.models import Exists, OuterRef

from incidents.actions.data_requests.requests import note
from incidents.actions.person_search import digests_by_kind
from incidents.models import DataRequest, Person, PersonKey
from incidents.models.person import Identifiers
from incidents.need_to_know import kept_out_from, rows_of
from vpdportal.accounts.models import User

MOST_FOUND = 5


def find_records(*, request: DataRequest, identifiers: Identifiers, by: User, now: datetime) -> list[Person]:
    """The records of the organisation that go by one of these, but those from whose cases `by` is kept out.

    Of more than MOST_FOUND the first ones and one more, so that who asks sees that there are more.
    The audit holds by which kinds was looked and how many were found; never what was typed.
    """
    wanted = digests_by_kind(identifiers, request.organisation_id)
    keys = PersonKey.objects.filter(person=OuterRef("pk"), digest__in=wanted, organisation=request.organisation_id)
    hidden = rows_of("Involvement").filter(kept_out_from(by, "incident"), person=OuterRef("pk"))
    rows = Person.objects.filter(Exists(keys), ~Exists(hidden), organisation=request.organisation_id)
    found = list(rows.order_by("created_at", "pk")[: MOST_FOUND + 1])
    number = rows.count() if len(found) > MOST_FOUND else len(found)
    note(request, "data_request.searched", by, now, fields=[*set(wanted.values()), f"found_{number}"])
    return found
