"""Filling the demonstration: fourteen months of two organisations, lived through the same actions as real use.

`fill` makes all of it, or so much that one can begin: the rest is the past, which `write_past` adds meanwhile.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from django.db import transaction

from guidance.facts import Facts
from guidance.vocabulary import Severity
from incidents.actions.advice import complete_facts
from incidents.actions.case import confirm_severity
from incidents.actions.closing import answer_helped, close_case
from incidents.actions.reminders.sweep import sweep
from incidents.actions.report import NewReport, submit_report
from incidents.actions.tasks import decline_task, finish_task
from incidents.models import Heartbeat, Incident, Location, News, Task
from incidents.vocabulary import Helped, TaskStatus
from vpdportal.accounts.actions import (
    NewOrganisation,
    create_organisation,
    give_role,
    invite_person,
    save_mail_choices,
)
from vpdportal.accounts.models import Department, Organisation, User
from vpdportal.accounts.roles import Role
from vpdportal.demo.card import begin_draft, publish_first_card, publish_second_card
from vpdportal.demo.conversation import converse, mark_heard
from vpdportal.demo.desk import open_desk, set_up_desk
from vpdportal.demo.desk_reports import report_what_came_in
from vpdportal.demo.desk_work import work_the_desk
from vpdportal.demo.evidence import bring_evidence
from vpdportal.demo.incidents import invent, what_the_adviser_adds
from vpdportal.demo.models import DemoPerson, Past
from vpdportal.demo.others import involve_others
from vpdportal.demo.places import open_places
from vpdportal.demo.safety import keep_safe
from vpdportal.demo.story import DEPARTMENTS, PART_OF, PEOPLE, TOWN, WATER

PERIOD = timedelta(days=425)  # fourteen months
NEWER_CARD = timedelta(days=4)  # since when the second card holds: cases before it keep the first
TOWN_REPORTS = 210
WATER_REPORTS = 14
LATELY = (3, 20, 30, 50, 75, 100, 150)  # hours ago: so that there is work to do
SUBSCRIBED = "Dirk Dagboek"  # to the mail about new overviews
NAMES_PLACE = 0.66
ANSWERS = 0.5
SHARES = {
    "Publiekszaken": 10,
    "Balie Burgerzaken": 18,
    "Belastingen": 6,
    "Sociaal domein": 28,
    "Handhaving": 12,
    "Team Parkeren": 6,
    "Buitendienst": 8,
    "Griffie en bestuur": 10,
    "Bedrijfsvoering": 2,
}
OUTCOME = "Wij hebben met u gesproken, de veroorzaker heeft een reactie gekregen en het team heeft het besproken."


@dataclass(frozen=True)
class Place:
    """A filled organisation: its people by department, its adviser and its administrator."""

    organisation: Organisation
    departments: dict[str, Department]
    reporters: dict[str, list[User]]
    adviser: User
    administrator: User
    locations: list[Location] = field(default_factory=list)


def fill(*, now: datetime, reports: int = TOWN_REPORTS, at_first: int | None = None) -> bool:
    """Make the demonstration unless it is there already; gives whether it was made. All of it or nothing.

    `reports`: how many in the larger organisation; `at_first`: how many of these now, the others by `write_past`.
    """
    if Organisation.objects.filter(is_demo=True).exists():
        return False
    dice = Random(2026)
    now_of_all = reports if at_first is None else min(at_first, reports)
    with transaction.atomic():
        town, water = _places(now)
        publish_first_card(town.organisation, town.administrator, now - PERIOD)
        open_places(organisation=town.organisation, administrator=town.administrator, now=now - PERIOD)
        town.locations.extend(town.organisation.locations.all())
        for place, number in ((town, now_of_all), (water, min(now_of_all, WATER_REPORTS))):
            _let_happen(place, number, _lately_of(reports if place is town else number), now, dice)
        begin_draft(town.organisation, town.administrator, now - timedelta(hours=30))
        involve_others(organisation=town.organisation, now=now, dice=dice)
        for place in (town, water):
            converse(organisation=place.organisation, adviser=place.adviser, now=now)
        bring_evidence(organisation=town.organisation, now=now)
        keep_safe(organisation=town.organisation, since=now - PERIOD, now=now)
        if now_of_all < reports:
            Past.objects.create(started_at=now, reports=reports - now_of_all)
        Heartbeat.objects.all().delete()
    sweep(now=now)
    return True


def write_past() -> bool:
    """Add the reports that `fill` left; gives whether there were any. It goes on where it was stopped.

    Each is lived through whole or not at all, so that nobody is reminded of what was done long ago. They get the card
    that holds: the one before it is that of the first ones.
    """
    past = Past.objects.first()
    if past is None:
        return False
    town = _place(Organisation.objects.get(slug=TOWN.slug), {user.name: user for user in User.objects.all()})
    town.locations.extend(town.organisation.locations.all())
    now, made = past.started_at, set(Incident.objects.values_list("idempotency_key", flat=True))
    for position, (happened_at, reported_at) in enumerate(_moments(past.reports, (), now, Random(2027))):
        dice = Random(f"past {position}")
        key = UUID(int=dice.getrandbits(128), version=4)
        if key in made:
            continue
        with transaction.atomic():
            incident = _live_through(town, happened_at, reported_at, now, dice, key)
            mark_heard(News.objects.filter(incident=incident), now)
    past.delete()
    return True


def _lately_of(reports: int) -> Sequence[int]:
    """How many hours ago the last ones came in, of so many."""
    return LATELY[: max(1, reports // 20)]


def _places(now: datetime) -> tuple[Place, Place]:
    start = now - PERIOD - timedelta(days=30)
    organisations = {details.slug: _organisation(details, start) for details in (TOWN, WATER)}
    users = {}
    for position, person in enumerate(PEOPLE):
        user = users[person.name] = invite_person(email=person.email, name=person.name, phone=person.phone)
        for slug, role, department in person.roles:
            found = organisations[slug]
            give_role(
                user=user,
                organisation=found,
                role=role,
                department=found.departments.get(name=department) if department else None,
                starts_on=start.date(),
                by=None,
                now=start,
            )
        if person.name == SUBSCRIBED:
            user.wants_overview_mail = True
            save_mail_choices(user=user, changed=["wants_overview_mail"], by=user, now=start)
        if person.is_listed:
            DemoPerson.objects.create(user=user, position=position)
    return tuple(_place(organisation, users) for organisation in organisations.values())  # type: ignore[return-value]


def _organisation(details: NewOrganisation, start: datetime) -> Organisation:
    organisation = create_organisation(details=details, is_demo=True, now=start)
    made: dict[str, Department] = {}
    for name, headcount in DEPARTMENTS[details.slug].items():
        above = made.get(PART_OF.get(name, ""))
        made[name] = Department.objects.create(organisation=organisation, name=name, headcount=headcount, parent=above)
    return organisation


def _place(organisation: Organisation, users: dict[str, User]) -> Place:
    departments = {department.name: department for department in organisation.departments.all()}
    reporters: dict[str, list[User]] = {name: [] for name in departments}
    adviser = administrator = None
    for person in PEOPLE:
        for slug, role, department in person.roles:
            if slug == organisation.slug and role == Role.EMPLOYEE and department:
                reporters[department].append(users[person.name])
            if slug == organisation.slug and role == Role.ADVISER:
                adviser = users[person.name]
            if slug == organisation.slug and role == Role.ADMINISTRATOR:
                administrator = users[person.name]
    assert adviser is not None and administrator is not None
    return Place(organisation, departments, reporters, adviser, administrator)


def _moments(number: int, lately: Sequence[int], now: datetime, dice: Random) -> Iterable[tuple[datetime, datetime]]:
    """When things happened and were reported, by report; the last ones so many hours ago."""
    recent = [timedelta(hours=hours) for hours in lately]
    spread = [PERIOD * dice.random() + timedelta(days=8) for _ in range(number - len(recent))]
    found = []
    for ago in sorted([*recent, *spread], reverse=True):
        happened_at = (now - ago).replace(minute=dice.choice([0, 10, 20, 35, 50]), second=0, microsecond=0)
        found.append((happened_at, min(now, happened_at + timedelta(hours=dice.choice([1, 2, 3, 6, 20, 20, 300])))))
    return sorted(found, key=lambda moments: moments[1])


def _let_happen(place: Place, number: int, lately: Sequence[int], now: datetime, dice: Random) -> None:
    """All that came in, each on its day, and what the desk did with it; in the town a second card holds since then."""
    is_town = place.organisation.slug == TOWN.slug
    newer = [now - NEWER_CARD] if is_town else []
    set_up_desk(organisation=place.organisation, administrator=place.administrator, now=now - PERIOD)
    desk = open_desk(organisation=place.organisation, adviser=place.adviser, now=now)
    for happened_at, reported_at in _moments(number, lately, now, dice):
        while newer and reported_at > newer[0]:
            report_what_came_in(desk, newer[0])
            publish_second_card(place.organisation, place.administrator, newer.pop())
        report_what_came_in(desk, reported_at)
        _live_through(place, happened_at, reported_at, now, dice)
    report_what_came_in(desk, now)
    work_the_desk(desk)


def _live_through(
    place: Place, happened_at: datetime, reported_at: datetime, now: datetime, dice: Random, key: UUID | None = None
) -> Incident:
    names = list(place.departments)
    name = dice.choices(names, [SHARES.get(name, 10) for name in names])[0]
    invented = invent(name, dice)
    report = NewReport(
        organisation=place.organisation,
        department=place.departments[name],
        facts=invented.facts,
        occurred_at=happened_at,
        story=invented.story,
        may_manager_see=dice.random() < 0.7,
        wants_support=dice.random() < 0.4,
        safety_feeling=dice.choice([2, 3, 3, 4, None]),
        location=_where(place, invented.facts, Random(happened_at.isoformat())),
        contact="06-00000009",
    )
    reporter = dice.choice(place.reporters[name])
    key = key or UUID(int=dice.getrandbits(128), version=4)
    incident = submit_report(report=report, idempotency_key=key, by=reporter, now=reported_at)
    looked_at = reported_at + timedelta(hours=dice.choice([1, 3, 5, 18]))
    if looked_at < now - timedelta(hours=20):
        _assess(incident, place.adviser, looked_at, dice)
        _work(incident, place.adviser, now, dice)
    return incident


def _where(place: Place, facts: Facts, dice: Random) -> Location | None:
    """Two of three who were hit at a counter or outdoors name the desk or the vehicle."""
    here = [one for one in place.locations if one.channel == facts.channel]
    return dice.choice(here) if here and dice.random() < NAMES_PLACE else None


def _assess(incident: Incident, adviser: User, at: datetime, dice: Random) -> None:
    complete_facts(incident=incident, answers=what_the_adviser_adds(incident.facts, dice), by=adviser, now=at)
    incident.refresh_from_db()
    confirm_severity(incident=incident, severity=Severity(incident.severity), reason="", by=adviser, now=at)


def _work(incident: Incident, adviser: User, now: datetime, dice: Random) -> None:
    """Do what came due before now, mostly in time, sometimes late, now and then not; close what is finished."""
    last = incident.reported_at
    for _round in range(3):  # a talk that is held brings the next one
        for task in list(Task.objects.filter(incident=incident, status=TaskStatus.OPEN)):
            at = _done_at(task, dice)
            is_forgotten = task.assigned_at > now - timedelta(days=21) and dice.random() < 0.12
            if is_forgotten or at > now - timedelta(hours=20):
                continue
            last = max(last, at)
            if dice.random() < 0.06:
                decline_task(task=task, reason="De betrokkene wil dit niet.", by=adviser, now=at)
            else:
                finish_task(task=task, by=adviser, now=at)
    is_old = last < now - timedelta(days=10)
    if is_old and not Task.objects.filter(incident=incident, status=TaskStatus.OPEN).exists():
        closed_at = last + timedelta(days=1)
        close_case(incident=incident, outcome=OUTCOME, by=adviser, now=closed_at)
        _say_whether_it_helped(incident, closed_at + timedelta(days=3), now)


def _say_whether_it_helped(incident: Incident, at: datetime, now: datetime) -> None:
    """Half of the reporters answer; most of them say yes."""
    dice = Random(incident.reference)
    if at < now and dice.random() < ANSWERS:
        helped = dice.choices([Helped.YES, Helped.PARTLY, Helped.NO], [7, 2, 1])[0]
        answer_helped(incident=incident, helped=helped, remark="", by=incident.reporter, now=at)


def _done_at(task: Task, dice: Random) -> datetime:
    """Nine of ten in time: somewhere in the term, the rest up to two days after it."""
    term = (task.due_at or task.assigned_at + timedelta(days=5)) - task.assigned_at
    term = max(term, timedelta(minutes=30))
    factor = dice.uniform(0.1, 0.95) if dice.random() < 0.9 else 1.0
    late = timedelta(hours=dice.uniform(1, 48)) if factor == 1.0 else timedelta()
    return task.assigned_at + term * factor + late
