"""Rows of organisations with everything that a month can count, at the moments where a count goes wrong.

Straight into the tables, as quick as it goes: such rows may never have come from the portal's own actions, but they
keep to every rule of the database. What follows from a seed is always the same.
"""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from guidance.vocabulary import Behaviour, Channel, TargetGroup
from incidents.models import (
    CareMoment,
    DamageLine,
    Incident,
    Involvement,
    Location,
    Measure,
    Message,
    Person,
    PoliceSheet,
    Reaction,
    Task,
)
from tests.world import Place
from vpdportal.accounts.models import Department

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
MONTHS = ["2027-12", *(f"2028-{number:02}" for number in range(1, 13))]  # 29 February; two nights of a moved clock
HOUR, DAY, TICK = timedelta(hours=1), timedelta(days=1), timedelta(microseconds=1)
CODES = [
    *("R01", "R03", "R04", "R06", "R09", "R11", "R12", "R13", "R17"),
    *("N01", "N02", "N03", "N04", "N05", "P02", "P03", "P04", "P05"),
]
PHASES = {"R": "reaction", "N": "aftercare", "P": "prevention"}
TABLES = (Incident, Measure, Task, CareMoment, Involvement, Reaction, PoliceSheet, DamageLine, Message)


def edges() -> list[datetime]:
    """Where one month becomes another by the local clock or by UTC, and where an hour is left out or comes twice."""
    turns = [datetime(2027, 12, 1) + timedelta(days=31 * number) for number in range(14)]
    firsts = [turn.replace(day=1, tzinfo=AMSTERDAM) for turn in turns]
    firsts += [turn.replace(day=1, tzinfo=UTC) for turn in turns]
    found = [turn.astimezone(UTC) + moved for turn in firsts for moved in (-HOUR, -TICK, 0 * TICK, TICK, HOUR)]
    found += [datetime(2028, 2, day, 12, tzinfo=UTC) for day in (28, 29)]
    found += [datetime(2028, 3, 26, 0, 59, 59, tzinfo=UTC), datetime(2028, 3, 26, 1, tzinfo=UTC)]
    return found + [datetime(2028, 10, 29, hour, 30, tzinfo=UTC) for hour in (0, 1)]


EDGES = edges()


class RandomYear:
    """Writes the rows of one organisation. `cases` as many, and half as many again that were joined with these."""

    def __init__(self, place: Place, seed: int, cases: int) -> None:
        self.place, self.dice = place, random.Random(seed)
        self.rows: dict[Any, list[Any]] = {model: [] for model in TABLES}
        organisation = place.organisation
        names = ("Buitendienst", "Balie")
        self.departments = [place.department, *(Department(organisation=organisation, name=name) for name in names)]
        Department.objects.bulk_create(self.departments[1:])
        code = f"{organisation.reference_prefix}{seed % 10_000:04}"
        self.locations = [Location(organisation=organisation, name=f"Loket {n}", code=f"{code}{n}") for n in (1, 2)]
        Location.objects.bulk_create(self.locations)
        at = datetime(2027, 1, 1, tzinfo=UTC)
        self.persons = [
            Person(organisation=organisation, created_at=at, created_by=place.adviser) for _n in range(2 + cases)
        ]
        Person.objects.bulk_create(self.persons)
        for number in range(cases):
            self.add_case(f"{code}-{number}")
        for model in TABLES:
            model.objects.bulk_create(self.rows[model])

    # --- chance ---

    def often(self, chance: float) -> bool:
        return self.dice.random() < chance

    def moment(self) -> datetime:
        if self.often(0.5):
            return self.dice.choice(EDGES)
        return datetime(2027, 4, 1, tzinfo=UTC) + timedelta(minutes=self.dice.randrange(21 * 30 * 24 * 60))

    def after(self, moment: datetime) -> datetime:
        later = [edge for edge in EDGES if edge >= moment]
        if later and self.often(0.4):
            return self.dice.choice(later[:25])
        return moment + timedelta(minutes=self.dice.choice([0, 1, 59, 60, 61, 60 * 24 * 3, 60 * 24 * 50]))

    def day(self) -> date:
        """Often the first or the last one of a month."""
        first = date(2027, 12, 1) + timedelta(days=31 * self.dice.randrange(13))
        return first.replace(day=1) + timedelta(days=self.dice.choice([-1, 0, 1, 14]))

    def add(self, model: Any, **columns: Any) -> Any:
        row = model(organisation=self.place.organisation, **columns)
        self.rows[model].append(row)
        return row

    # --- rows ---

    def add_case(self, reference: str) -> None:
        incident = self.incident(reference)
        self.rows[Incident].append(incident)
        for code in self.dice.sample(CODES, self.dice.randrange(1, 7)):
            self.measure(incident, code)
        for kind in ("lesson", "talk", "own", "sign"):
            if self.often(0.2):
                self.task(incident, self.moment(), kind=kind, menu_version="1")
        for person in self.dice.sample(self.persons, self.dice.randrange(0, 3)):
            role = self.dice.choice(["perpetrator", "perpetrator", "witness"])
            at, by = incident.reported_at, self.place.adviser
            self.add(Involvement, incident=incident, person=person, role=role, at=at, by=by)
            for _reaction in range(self.dice.choice([0, 1, 2])):
                self.reaction(incident, person)
        self.papers(incident)
        if self.often(0.3) and incident.status != "closed":
            self.joined(incident, f"{reference}J")

    def incident(self, reference: str, **more: Any) -> Incident:
        people, reported_at = self.place.people, self.moment()
        closed_at = self.after(reported_at) if self.often(0.4) else None
        columns = {
            "kind": self.dice.choice(["incident"] * 5 + ["near_miss"]),
            "occurred_at": self.dice.choice([reported_at, self.moment(), reported_at - 40 * DAY]),
            "status": "closed" if closed_at else self.dice.choice(["received", "in_progress"]),
            "closed_at": closed_at,
            "closed_by": people["adviser"] if closed_at else None,
            "reopened_at": self.moment() if self.often(0.2) and not closed_at else None,
            "was_helped": self.dice.choice(["", "yes", "no", "partly"]),
            "helped_at": self.moment() if self.often(0.5) else None,
        }
        return Incident(
            organisation=self.place.organisation,
            reference=reference,
            idempotency_key=UUID(int=self.dice.getrandbits(128)),
            reporter=self.dice.choice([people["employee"], people["manager"]]),
            adviser=self.dice.choice([None, people["adviser"]]),
            department=self.dice.choice(self.departments),
            location=self.dice.choice([None, *self.locations]),
            reported_at=reported_at,
            touched_at=reported_at,
            main_behaviour=self.dice.choice(Behaviour.values[:4]),
            channel=self.dice.choice([*Channel.values, "social_media", "social_media"]),
            target_group=self.dice.choice(TargetGroup.values),
            severity=self.dice.randrange(1, 5),
            severity_proposed=1,
            menu_version="1",
            **{**columns, **more},
        )

    def joined(self, into: Incident, reference: str) -> None:
        """About the same event; with work and papers of its own that it had before."""
        columns = {"status": "merged", "closed_at": None, "closed_by": None}
        case = self.incident(reference, merged_into=into, merged_at=self.moment(), **columns)
        self.rows[Incident].append(case)
        self.measure(case, self.dice.choice(CODES))
        at, by = case.reported_at, self.place.adviser
        self.add(Involvement, incident=case, person=self.dice.choice(self.persons), role="perpetrator", at=at, by=by)
        self.papers(case)

    def measure(self, incident: Incident, code: str) -> None:
        status = self.dice.choice(["taken", "taken", "taken", "proposed", "declined"])
        decided_at = self.moment() if status == "declined" or (status == "taken" and self.often(0.7)) else None
        due_at = self.dice.choice([None, self.moment(), self.moment()])
        own_due_at = self.moment() if self.often(0.2) else None
        measure = self.add(
            Measure,
            incident=incident,
            code=code,
            phase=PHASES[code[0]],
            strength="must",
            due_at=due_at,
            own_due_at=own_due_at,
            is_late_report=self.often(0.15),
            menu_version="1",
            advised_at=self.after(incident.reported_at),
            status=status,
            decided_at=decided_at,
            decided_by=self.place.adviser if decided_at else None,
        )
        for step in range(self.dice.choice([0, 1, 1, 2, 3]) if status != "proposed" else 0):
            term = own_due_at or (due_at if step == 0 else self.moment())
            self.task(
                incident, measure.advised_at, due_at=term, measure=measure, code=code, step=step, menu_version="1"
            )

    def task(self, incident: Incident, given_at: datetime, due_at: datetime | None = None, **more: Any) -> None:
        status = self.dice.choice(["open", "done", "done", "declined"])
        due_at = due_at or (self.moment() if self.often(0.5) else None)
        finished_at = self.dice.choice([self.after(given_at), self.moment()])
        measure = more.get("measure")
        term = measure.due_at if measure and measure.own_due_at else due_at
        if term and self.often(0.5):
            finished_at = term + self.dice.choice([-HOUR, 0 * TICK, TICK])
        is_ended = status != "open"
        task = self.add(
            Task,
            incident=incident,
            assigned_at=self.after(given_at),
            due_at=due_at,
            is_on_hold=self.often(0.15),
            status=status,
            finished_at=finished_at if is_ended else None,
            finished_by=self.place.adviser if is_ended else None,
            **more,
        )
        if task.code.startswith("N") and self.often(0.7):
            how = {"open": ["planned"], "done": ["held"], "declined": ["declined", "declined", "cancelled"]}[status]
            care, is_over = self.dice.choice(how), status != "open"
            ended_at = finished_at if is_over and care != "declined" else None
            self.add(CareMoment, incident=incident, task=task, kind="reception", status=care, ended_at=ended_at)

    def reaction(self, incident: Incident, person: Person) -> None:
        kind = self.dice.choice(["talk", "warning", "conditions", "pause", "ban", "ban", "civil_order"])
        status = self.dice.choice(["draft", "signed", "active", "active", "done", *["ended"] * 4, "withdrawn"])
        starts_on = self.day()
        ends_on = max(starts_on, self.day())
        past = datetime(ends_on.year, ends_on.month, ends_on.day, tzinfo=AMSTERDAM).astimezone(UTC) + 25 * HOUR
        end_kind = self.dice.choice(["expired", "expired", "early", "annulled"]) if status == "ended" else ""
        ended_at = {"": None, "expired": past}.get(end_kind, self.moment())
        has_term = self.often(0.8) or status in ("signed", "active", "ended")
        given_at = self.moment() if status in ("active", "done", "ended") or self.often(0.1) else None
        reviewed_at = self.dice.choice([None, None, self.moment(), past - 2 * DAY, past + HOUR])
        self.add(
            Reaction,
            incident=incident,
            person=person,
            kind=kind,
            status=status,
            conduct_on=starts_on,
            hearing="heard",
            starts_on=starts_on if has_term else None,
            ends_on=ends_on if has_term else None,
            drafted_at=incident.reported_at,
            drafted_by=self.place.adviser,
            given_at=given_at,
            end_kind=end_kind,
            ended_at=ended_at,
            reviewed_at=reviewed_at,
        )
        if given_at and self.often(0.5):  # and again half a year later, to the tick
            again = given_at + timedelta(days=182) + self.dice.choice([-HOUR, 0 * TICK, TICK])
            case = self.incident(f"X{self.dice.getrandbits(40):x}", occurred_at=self.dice.choice([again, given_at]))
            self.rows[Incident].append(case)
            by = self.place.adviser
            role = self.dice.choice(["perpetrator", "perpetrator", "relative"])
            self.add(Involvement, incident=case, person=person, role=role, at=case.reported_at, by=by)

    def papers(self, incident: Incident) -> None:
        by = self.place.adviser
        if self.often(0.4):
            status = self.dice.choice(["filed", "filed", "draft", "not_filed"])
            kind, filed_on = self.dice.choice(["aangifte", "notice"]), self.day() if status == "filed" else None
            columns = {"kind": kind, "status": status, "filed_on": filed_on}
            self.add(PoliceSheet, incident=incident, made_at=incident.reported_at, made_by=by, **columns)
        for _line in range(self.dice.choice([0, 0, 1, 2])):
            amounts = {"claimed": self.dice.choice([0, 1, 99_999]), "recovered": self.dice.choice([0, 12_345])}
            days = {f"{name}_on": self.day() if self.often(0.7) else None for name in amounts}
            self.add(
                *(DamageLine,), incident=incident, of="victim", kind="goods", amount=5, at=self.moment(), by=by,
                **amounts, **days,
            )  # fmt: skip
        for _message in range(self.dice.choice([0, 0, 1, 2])):
            person = self.dice.choice([incident.reporter, self.place.people["support"]])
            at, key = self.after(incident.reported_at - HOUR), UUID(int=self.dice.getrandbits(128))
            is_from_desk = self.often(0.8)
            self.add(
                *(Message,), incident=incident, person=person, by=by, at=at, is_from_desk=is_from_desk, form_key=key
            )
