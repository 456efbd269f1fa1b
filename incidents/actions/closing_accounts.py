"""Closing the account of someone for whom nothing waits any more, in whatever organisation."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents.actions.calendar_feeds import stop_feed
from incidents.actions.handing_over import Work, to_take_back
from incidents.actions.refusals import Refused
from incidents.actions.tasks import DECIDED_ELSEWHERE
from incidents.models import Incident, Task
from vpdportal.accounts.access import duty_adviser, standing
from vpdportal.accounts.models import Organisation, User
from vpdportal.accounts.person_actions import close_account, hold_organisations_of
from vpdportal.accounts.roles import Right
from vpdportal.tenancy import everywhere


@dataclass(frozen=True)
class Waiting:
    """What waits for someone: how much in each organisation that the asker administers, and whether elsewhere too."""

    places: list[tuple[Organisation, Work]]
    is_elsewhere: bool

    @property
    def is_nothing(self) -> bool:
        return not (self.places or self.is_elsewhere)


class StillOpen(Refused):
    """Closing it would leave work with someone who can do nothing with it."""

    message = gettext_lazy("This account cannot be closed yet.")
    elsewhere = gettext_lazy(
        "Something is still open in an organisation that you do not administer. Ask this person to hand it over."
    )

    def __init__(self, waiting: Waiting, person: User, now: datetime) -> None:
        sentences = [str(self.message)]
        for organisation, work in waiting.places:
            sentences.append(_to_hand_over(organisation, work))
            if work.to_sign:
                sentences.append(to_take_back(work.to_sign, duty_adviser(organisation.pk, now, without={person.pk})))
        if waiting.is_elsewhere:
            sentences.append(str(self.elsewhere))
        super().__init__(" ".join(filter(None, sentences)))


def _to_hand_over(organisation: Organisation, work: Work) -> str:
    if work.is_nothing:
        return ""
    parts = {"organisation": organisation.name, "tasks": work.tasks, "cases": work.cases}
    return (
        _("In %(organisation)s still wait for this person: tasks %(tasks)s, cases %(cases)s. Hand them over.") % parts
    )


def waiting_for(*, person: User, by: User, now: datetime) -> Waiting:
    """What is open of a person, as `by` may know of it: numbers, and none of elsewhere. Two queries."""
    numbers: dict[UUID, Counter[str]] = defaultdict(Counter)
    tasks = Task.objects.unfinished().filter(assignee=person).order_by()
    cases = Incident.objects.unfinished().filter(adviser=person).order_by()
    with everywhere():  # numbers only; of elsewhere no more is told than that there is something
        for pk, kind, count in tasks.values_list("organisation", "kind").annotate(count=Count("pk")):
            numbers[pk]["to_sign" if kind in DECIDED_ELSEWHERE else "tasks"] += count
        for pk, count in cases.values_list("organisation").annotate(count=Count("pk")):
            numbers[pk]["cases"] += count
    yours = standing(by, now).organisations(Right.ADMINISTER)
    places = [(one, _work(numbers.pop(one.pk))) for one in yours if one.pk in numbers]
    return Waiting(places, is_elsewhere=bool(numbers))


def _work(counted: Counter[str]) -> Work:
    return Work(counted["tasks"], counted["cases"], counted["to_sign"])


def close_account_of(*, person: User, by: User, now: datetime) -> None:
    """Close the account of a person for whom nothing waits, and stop their address of deadlines.

    The organisations are held while it counts, as where a role ends; a task that is given in between goes to who is on
    duty within the hour (incidents.actions.leavers). Raises StillOpen, and what close_account raises.
    """
    with transaction.atomic():
        hold_organisations_of(person)
        waiting = waiting_for(person=person, by=by, now=now)
        if not waiting.is_nothing:
            raise StillOpen(waiting, person, now)
        stop_feed(user=person, by=by, now=now)  # while the roles say in whose log that stands
        close_account(user=person, by=by, now=now)
