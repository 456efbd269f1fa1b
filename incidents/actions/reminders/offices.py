"""When the organisations and people of some reminders work, each read once."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Max

from guidance.cards import card_at, version_name
from guidance.models import MenuCard
from guidance.office import Office
from guidance.vocabulary import ClosedDay
from incidents.models import ReminderPlan
from vpdportal.accounts.models import User


class Offices:
    """Three queries, whatever the number of organisations and people."""

    def __init__(self, organisations: Collection[UUID], people: Collection[UUID]) -> None:
        rows = ReminderPlan.objects.filter(pk__in=organisations)
        self._plans = {plan.pk: plan for plan in rows}
        cards = MenuCard.objects.filter(organisation__in=organisations).order_by()
        self._cards = dict(
            cards.values("organisation").annotate(last=Max("number")).values_list("organisation", "last")
        )
        self._days = dict(User.objects.filter(pk__in=people).values_list("pk", "works_on"))
        self._offices: dict[tuple[UUID, str], Office] = {}

    def plan_of(self, organisation: UUID) -> ReminderPlan:
        """What the organisation chose; the defaults when it chose nothing."""
        if organisation not in self._plans:
            self._plans[organisation] = ReminderPlan(organisation_id=organisation)
        return self._plans[organisation]

    def office_of(self, organisation: UUID, person: UUID | None = None) -> Office:
        """The hours of an organisation, on the days on which this person works there."""
        key = (organisation, self._days.get(person, "") if person else "")
        if key not in self._offices:
            office = self.plan_of(organisation).office(self._closed_day(organisation))
            self._offices[key] = office.for_days(key[1])
        return self._offices[key]

    def _closed_day(self, organisation: UUID) -> ClosedDay:
        return card_at(organisation, version_name(self._cards.get(organisation, 0))).changes.closed_day
