"""What keeps the demonstration safe: terms, roles by two people, a closed case opened in need, requests about data."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from incidents.actions.data_requests.collecting import collect
from incidents.actions.data_requests.deciding import make_ready
from incidents.actions.data_requests.requests import NewRequest, check_identity, register_request
from incidents.actions.data_requests.reviewing import follow_proposals
from incidents.actions.glass import break_glass
from incidents.actions.restricting import restrict
from incidents.forms.report import typed_in_words
from incidents.models import Incident, Reaction, Task
from incidents.vocabulary import CaseStatus, DataRequestKind, DataSubject
from vpdportal.accounts.models import Organisation, User
from vpdportal.demo.keeping import set_terms
from vpdportal.demo.roles_asked import ask_for_roles

WHY_CLOSED = "De melding gaat over iemand die collega's van het loket goed kennen."
WHY_OPENED = "De melder belt: de man staat weer voor de deur. Noor is in overleg en neemt niet op."
ASKS = "Ik wil weten wat u over mij bewaart en wie het heeft gezien."
ASKS_OUTSIDE = "Ik heb een brief van u gekregen. Welke gegevens heeft u nog meer van mij, en van wie heeft u die?"
CITIZEN = "Wolter Windvaan"


def keep_safe(*, organisation: Organisation, since: datetime, now: datetime) -> None:
    """All of it in the town, by the people of the story; `since`: when the terms were agreed."""
    names = ("Noor Zonnestraal", "Bram Maanlicht", "Anouk Sleutelbos", "Guus Vergrootglas", "Sanne Madelief")
    people = {user.name: user for user in User.objects.filter(name__in=names)}
    noor, bram, anouk, guus, sanne = (people[name] for name in names)
    set_terms(organisation=organisation, administrator=anouk, officer=guus, since=since, now=now)
    ask_for_roles(organisation=organisation, administrator=anouk, officer=guus, now=now)
    _close_and_open(organisation, noor, bram, now)
    _ask_about_data(organisation, noor, sanne, now)


def _close_and_open(organisation: Organisation, handler: User, other: User, now: datetime) -> None:
    """An older case in which the other has nothing to do: who has a task in a case keeps seeing it."""
    handled = Incident.objects.filter(organisation=organisation, adviser=handler).exclude(
        status__in=(CaseStatus.CLOSED, CaseStatus.MERGED)
    )
    of_both = Task.objects.filter(assignee=other).values("incident")
    signed = Reaction.objects.filter(Q(signer=other) | Q(second=other)).values("incident")
    for incident in handled.exclude(pk__in=of_both).exclude(pk__in=signed).order_by("-reported_at", "id")[1:2]:
        restrict(incident=incident, by=handler, now=now - timedelta(days=1), reason=WHY_CLOSED)
        incident.refresh_from_db()
        break_glass(incident=incident, reason=WHY_OPENED, by=other, now=now - timedelta(hours=5))


def _ask_about_data(organisation: Organisation, handler: User, employee: User, now: datetime) -> None:
    """One of an employee that waits for the officer, and one of a citizen that is nearly too late."""
    today, then = timezone.localdate(now), now - timedelta(days=9)
    asked = register_request(
        new=NewRequest(
            organisation,
            DataRequestKind.ACCESS,
            DataSubject.EMPLOYEE,
            timezone.localdate(then),
            words=ASKS,
            user=employee,
        ),
        by=handler,
        now=then,
    )
    check_identity(request=asked, by=handler, now=then)
    collect(request=asked, in_words=typed_in_words, by=handler, now=then)
    pieces = list(asked.pieces.values_list("pk", flat=True))
    follow_proposals(request=asked, pieces=pieces, by=handler, now=then)
    make_ready(request=asked, is_granted=True, decision="", seen=None, by=handler, now=then)
    came_in = today - timedelta(days=26)
    register_request(
        new=NewRequest(
            organisation, DataRequestKind.ACCESS, DataSubject.CITIZEN, came_in, name=CITIZEN, words=ASKS_OUTSIDE
        ),
        by=handler,
        now=now - timedelta(days=26),
    )
