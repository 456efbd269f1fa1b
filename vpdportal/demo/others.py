"""More people in one case of the demonstration: a report for someone else, witnesses, and a near miss."""

from datetime import datetime, timedelta
from random import Random
from uuid import UUID, uuid4

from guidance.facts import Facts
from guidance.vocabulary import Behaviour, Channel, TargetGroup
from incidents.actions.additions import Addition, add_witness_statement
from incidents.actions.people import ask_witness
from incidents.actions.report import NewReport, submit_report
from incidents.models import Incident
from incidents.vocabulary import CaseStatus, ReporterIs, ReportKind
from vpdportal.accounts.models import Department, Organisation, User

FOR_SOMEONE = "Sanne kwam trillend bij mij. Een man had over de balie geleund en gezegd dat hij haar zou opwachten."
ALMOST = "Een man trok een stoel omhoog, zag de camera hangen en zette hem weer neer. Niemand is geraakt."
IDEA = "De stoelen vastzetten, en de knop van het stil alarm dichter bij de deur."
SAW = "Ik zat aan de balie ernaast. Hij riep het twee keer, en hij wees daarbij naar buiten."


def involve_others(*, organisation: Organisation, now: datetime, dice: Random) -> None:
    """A report by a manager for someone, a near miss, a witness who told, and one who was asked."""
    people = {user.name: user for user in User.objects.filter(memberships__organisation=organisation).distinct()}
    sanne, joris, karin = (people[name] for name in ("Sanne Madelief", "Joris Kikker", "Karin Kompas"))
    counter, social = (organisation.departments.get(name=name) for name in ("Publiekszaken", "Sociaal domein"))
    reported = _send(_for_someone(organisation, counter, sanne, now), karin, now - timedelta(hours=22), dice)
    _send(_almost(organisation, social, now), joris, now - timedelta(hours=26), dice)
    asked = ask_witness(incident=reported, email=joris.email, by=sanne, now=now - timedelta(hours=10))
    told = Addition(form_key=uuid4(), text=SAW)
    add_witness_statement(witness=asked, addition=told, by=joris, now=now - timedelta(hours=4))
    hers = Incident.objects.filter(organisation=organisation, reporter=sanne).exclude(status=CaseStatus.CLOSED)
    for incident in hers.order_by("-reported_at", "id")[:1]:
        asked_at = min(now, incident.reported_at + timedelta(minutes=40))
        ask_witness(incident=incident, email=joris.email, by=sanne, now=asked_at)


def _send(report: NewReport, by: User, now: datetime, dice: Random) -> Incident:
    return submit_report(report=report, idempotency_key=UUID(int=dice.getrandbits(128), version=4), by=by, now=now)


def _for_someone(organisation: Organisation, department: Department, affected: User, now: datetime) -> NewReport:
    return NewReport(
        organisation=organisation,
        department=department,
        reporter_is=ReporterIs.MANAGER,
        affected=affected,
        facts=Facts(
            behaviours=(Behaviour.THREAT,),
            channel=Channel.COUNTER,
            target_group=TargetGroup.COUNTER_STAFF,
            perpetrator_known=False,
            witnesses=1,
        ),
        occurred_at=now - timedelta(hours=24),
        story=FOR_SOMEONE,
        place="balie 2",
        may_manager_see=True,
    )


def _almost(organisation: Organisation, department: Department, now: datetime) -> NewReport:
    return NewReport(
        organisation=organisation,
        department=department,
        kind=ReportKind.NEAR_MISS,
        facts=Facts(
            behaviours=(Behaviour.PHYSICAL_VIOLENCE,),
            channel=Channel.INTERVIEW_ROOM,
            target_group=TargetGroup.SOCIAL_SERVICES,
        ),
        occurred_at=now - timedelta(hours=27),
        story=ALMOST,
        place="spreekkamer 1",
        details={"prevention_idea": IDEA},
    )
