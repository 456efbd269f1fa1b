"""What the benchmark of the overviews works on: one organisation with two years of reports, among very many others.

The rows are multiplied by the database itself from one row of each kind; their sealed columns are copies.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

from django.db import connection, models

from guidance.vocabulary import Behaviour, Channel, Phase, Severity, Strength, TargetGroup
from incidents.models import Incident, Measure, Task
from tests.guidance.strategies import BARE
from vpdportal.accounts.models import Department, Membership, Organisation, User
from vpdportal.accounts.roles import Role

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)  # a Tuesday: November is fixed on it
LONG_AGO = date(2020, 1, 1)
DAYS = 760  # a little over two years, before NOW
STAFF = 120  # people of a department
DEPARTMENTS = 12
OTHERS = 20  # organisations that share the other reports
CODES = ("R01", "N02", "R05", "R03")


@dataclass(frozen=True)
class Town:
    organisation: Organisation
    people: dict[Role, User]


def make_town(name: str, slug: str) -> Town:
    """An organisation with departments, an adviser and someone of management; no reports."""
    organisation = Organisation.objects.create(name=name, slug=slug, kind="municipality", reference_prefix="BM")
    for number in range(DEPARTMENTS):
        Department.objects.create(organisation=organisation, name=f"Afdeling {number}", headcount=STAFF)
    people = {}
    for role in (Role.ADVISER, Role.MANAGEMENT):
        people[role] = User.objects.create_user(email=f"{role}@{slug}.invalid", name=f"{role} {name}")
        Membership.objects.create(organisation=organisation, user=people[role], role=role, starts_on=LONG_AGO)
    return Town(organisation, people)


def add_reports(town: Town, number: int, codes: Sequence[str] = CODES) -> None:
    """So many reports, spread over DAYS, each with a task for each of these items, done in time or late."""
    case, measure, task = templates_of(town)
    departments = list(town.organisation.departments.values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.2026)")
        cursor.execute(
            copies_of(
                Incident,
                case.pk,
                {
                    "id": "gen_random_uuid()",
                    "idempotency_key": "gen_random_uuid()",
                    "reference": "'B-' || substr(replace(gen_random_uuid()::text, '-', ''), 1, 13)",
                    "reported_at": "moment",
                    "touched_at": "moment",
                    "occurred_at": "moment - interval '3 hours'",
                    "main_behaviour": any_of(Behaviour.values),
                    "channel": any_of(Channel.values),
                    "target_group": any_of(TargetGroup.values),
                    "severity": any_of(list(Severity.values)),
                    "department_id": any_of(departments, "::uuid"),
                },
                "generate_series(1, %s) AS number, LATERAL (SELECT %s::timestamptz - random() * number ^ 0 "
                f"* interval '{DAYS} days' AS moment) AS drawn",
            ),
            [number, NOW],
        )
        mine = f"(SELECT * FROM incidents_incident WHERE organisation_id = '{town.organisation.pk}') AS i"
        fresh = f"{mine}, unnest(ARRAY{list(codes)}) AS wanted"
        there = "NOT EXISTS (SELECT 1 FROM incidents_measure m WHERE m.incident_id = i.id)"
        cursor.execute(
            copies_of(
                Measure,
                measure.pk,
                {
                    "id": "gen_random_uuid()",
                    "incident_id": "i.id",
                    "code": "wanted",
                    "due_at": "i.reported_at + interval '2 days'",
                    "advised_at": "i.reported_at",
                },
                fresh,
                there,
            )
        )
        cursor.execute(
            copies_of(
                Task,
                task.pk,
                {
                    "id": "gen_random_uuid()",
                    "incident_id": "m.incident_id",
                    "measure_id": "m.id",
                    "code": "m.code",
                    "due_at": "m.due_at",
                    "assigned_at": "m.advised_at",
                    "finished_at": "m.advised_at + random() * interval '60 hours'",
                },
                f"(SELECT * FROM incidents_measure WHERE organisation_id = '{town.organisation.pk}') AS m",
                "NOT EXISTS (SELECT 1 FROM incidents_task k WHERE k.measure_id = m.id)",
            )
        )


def templates_of(town: Town) -> tuple[Incident, Measure, Task]:
    """One row of each, older than what is looked at."""
    at, adviser = NOW - timedelta(days=DAYS + 40), town.people[Role.ADVISER]
    case = Incident(
        organisation=town.organisation,
        reference=f"B-{uuid4().hex[:8]}",
        idempotency_key=uuid4(),
        reporter=adviser,
        adviser=adviser,
        department=town.organisation.departments.all()[0],
        occurred_at=at,
        reported_at=at,
        touched_at=at,
        main_behaviour=Behaviour.OTHER,
        channel=Channel.OTHER,
        target_group=TargetGroup.EMPLOYEE,
        severity=1,
        severity_proposed=1,
        menu_version="0",
    )
    case.facts = BARE
    for name in ("story", "place", "affected_name", "contact", "perpetrator_description", "severity_reason", "outcome"):
        setattr(case, name, "")
    case.save(force_insert=True)
    measure = Measure(
        organisation=town.organisation, incident=case, code="R01", phase=Phase.REACTION, strength=Strength.MUST,
        due_at=at, menu_version="0", advised_at=at, reason="",
    )  # fmt: skip
    measure.save(force_insert=True)
    task = Task(
        organisation=town.organisation, incident=case, measure=measure, code="R01", menu_version="0",
        assignee=adviser, assigned_at=at, due_at=at, status="done", finished_at=at, finished_by=adviser, reason="",
    )  # fmt: skip
    task.save(force_insert=True)
    return case, measure, task


def copies_of(
    model: type[models.Model], template: UUID, changed: dict[str, str], source: str, condition: str = "true"
) -> str:
    """Copies of one row with some columns changed, as many as `source` has rows."""
    columns = [field.column for field in model._meta.concrete_fields]
    values = ", ".join(changed.get(column, f"t.{column}") for column in columns)
    table = model._meta.db_table
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table} AS t, {source} "  # noqa: S608
        f"WHERE t.id = '{template}' AND {condition}"
    )


def any_of(values: Iterable[object], cast: str = "") -> str:
    each = [f"'{value}'" if not isinstance(value, int) else str(value) for value in values]
    return f"(ARRAY[{', '.join(each)}])[1 + floor(random() * {len(each)})::int]{cast}"
