"""What people of the demonstration wrote each other: a message, a question that waits, and whether it helped."""

from datetime import datetime, timedelta
from uuid import uuid4

from django.db.models import F, QuerySet

from incidents.actions.closing import REOPEN_WITHIN, answer_helped
from incidents.actions.messages import ask_person, write_to_desk, write_to_person
from incidents.forms.messages import ASKABLE
from incidents.models import Incident, News
from incidents.vocabulary import CaseStatus, Helped
from vpdportal.accounts.models import Organisation, User
from vpdportal.demo.models import DemoPerson

HEARD = timedelta(days=2)  # what is older was read in its time
TOLD = "Dank u wel. Ik slaap nog slecht en zie op tegen de balie. Mag ik deze week een andere plek?"
ANSWERED = "Dat begrijp ik goed. Ik regel het met uw leidinggevende en bel u morgen voor 10 uur."
ASKED = "Kunt u dit nog voor mij invullen? Dan weet ik wat er verder nodig is."
NEWS = "Er is nog iets: hij heeft mij vandaag ook thuis gebeld."
REMARK = "Het gesprek was fijn. Het duurde alleen lang voor ik iets hoorde."


def converse(*, organisation: Organisation, adviser: User, now: datetime) -> None:
    """Let the newest cases of people one can become have messages, and the last closed ones an answer."""
    known = DemoPerson.objects.values("user")
    cases = Incident.objects.filter(organisation=organisation, reporter__in=known).order_by("-reported_at", "id")
    for incident in cases.filter(status=CaseStatus.IN_PROGRESS)[:2]:
        _talk(incident, adviser, now)
    last = cases.filter(status=CaseStatus.CLOSED, closed_at__gt=now - REOPEN_WITHIN)[:1]
    for incident in last:
        answer_helped(
            incident=incident, helped=Helped.PARTLY, remark=REMARK, by=incident.reporter, now=now - timedelta(hours=5)
        )
    mark_heard(News.objects.all(), now)


def mark_heard(news: QuerySet[News], now: datetime) -> None:
    """What is old of these was read in its time: no mail tells of it."""
    news.filter(due_at__lt=now - HEARD).update(seen_at=F("due_at"), cancelled_at=F("due_at"))


def _talk(incident: Incident, adviser: User, now: datetime) -> None:
    person = incident.reporter
    write_to_desk(incident=incident, by=person, text=TOLD, form_key=uuid4(), now=now - timedelta(hours=9))
    write_to_person(
        incident=incident, person=person, text=ANSWERED, form_key=uuid4(), by=adviser, now=now - timedelta(hours=8)
    )
    asks = [name for name in ASKABLE if incident.facts.value(name) is None][:3]
    ask_person(
        incident=incident, person=person, asks=asks, text=ASKED, form_key=uuid4(), by=adviser,
        now=now - timedelta(hours=7),
    )  # fmt: skip
    write_to_desk(incident=incident, by=person, text=NEWS, form_key=uuid4(), now=now - timedelta(hours=1))
