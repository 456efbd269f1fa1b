"""What was fixed stays as it was, byte for byte, whatever is done afterwards; and it is fixed once, and in time."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, connection, transaction

from guidance.cards import change_draft, publish_draft
from guidance.changes import Changes, ItemChange
from guidance.office import Office
from guidance.vocabulary import Severity
from incidents.actions.advice import complete_facts
from incidents.actions.case import add_note, confirm_severity
from incidents.actions.closing import close_case, reopen_for_desk
from incidents.actions.merging import merge_cases, unmerge_case
from incidents.actions.near_miss import make_incident_of_near_miss
from incidents.actions.tasks import decline_task
from incidents.models import Alarm, Correction, Incident, Location, OverviewPlan, Release, ReminderPlan
from incidents.models.append_only import FIXED
from incidents.overview.archive import read
from incidents.overview.counting import count_month
from incidents.overview.counts import Counts
from incidents.overview.periods import Period
from incidents.overview.releases import first_working_day, held_back, release, release_due
from incidents.overview.shown import Shown
from incidents.overview.told import Told
from incidents.vocabulary import AlarmKind, ReportKind
from tests import clock
from tests.at_once import at_once
from tests.incidents.overviews import fixed_months
from tests.incidents.test_importing import brought_in, line, sheet_of
from tests.world import Place, make_incident
from vpdportal.accounts.models import Department, User
from vpdportal.audit.chain import verify
from vpdportal.audit.models import AuditEvent
from vpdportal.seen import mark_of

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
LARGE, SMALL = 300, 40  # with exact totals, and without


def at(year: int, month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    """By the local clock."""
    return datetime(year, month, day, hour, minute, tzinfo=AMSTERDAM).astimezone(UTC)


def has_people(town: Place, number: int) -> None:
    """In two departments and a place: of one alone the total tells all of it."""
    other = {"organisation": town.organisation, "name": "Overig"}
    Department.objects.update_or_create(**other, defaults={"headcount": number // 2})
    Department.objects.filter(pk=town.department.pk).update(headcount=number // 2)
    Location.objects.get_or_create(organisation=town.organisation, name="Loket", code=f"{town.organisation.slug[:6]}1")


def fixed(town: Place) -> dict[str, tuple[str, str, str]]:
    """Everything that was fixed: by period the three texts of it."""
    rows = Release.objects.filter(organisation=town.organisation)
    return {period_of(row).code: (row.shown, row.sealed_exact, row.digest) for row in rows}


def period_of(row: Release) -> Period:
    return Period(row.kind, row.year, row.number)


def fresh(incident: Incident) -> Incident:
    found: Incident = Incident.objects.get(pk=incident.pk)
    return found


def corrections(town: Place) -> dict[tuple[str, str], tuple[int, list[str]]]:
    """(month, figure) → the newest number, and why."""
    rows = Correction.objects.filter(organisation=town.organisation).select_related("release").order_by("found_at")
    return {(period_of(row.release).code, row.figure): (json.loads(row.sealed_exact), row.reasons) for row in rows}


# --- what is done to cases afterwards --------------------------------------------------------------------------------


def end_all_tasks(town: Place, incident: Incident) -> None:
    while task := incident.tasks.filter(status="open").first():
        decline_task(task=task, reason="Niet nodig", by=town.adviser, now=clock.now())


def closed(town: Place, *cases: Incident) -> None:
    end_all_tasks(town, cases[0])
    close_case(incident=fresh(cases[0]), outcome="Besproken", by=town.adviser, now=clock.now())


def reopened(town: Place, *cases: Incident) -> None:
    closed(town, *cases)
    reopen_for_desk(incident=fresh(cases[0]), reason="Toch nog", by=town.adviser, now=clock.now())


def noted(town: Place, *cases: Incident) -> None:
    add_note(incident=cases[0], text="Gebeld", by=town.adviser, now=clock.now())


def judged_the_same(town: Place, *cases: Incident) -> None:
    confirm_severity(incident=cases[0], severity=Severity.VERBAL, reason="", by=town.adviser, now=clock.now())


def judged_higher(town: Place, *cases: Incident) -> None:
    to = {"severity": Severity.THREATENING, "reason": "Keek dreigend"}
    confirm_severity(incident=cases[0], **to, by=town.adviser, now=clock.now())


def joined(town: Place, *cases: Incident) -> None:
    merge_cases(incident=fresh(cases[1]), into=fresh(cases[0]), by=town.adviser, now=clock.now())


def taken_apart(town: Place, *cases: Incident) -> None:
    unmerge_case(incident=fresh(cases[1]), by=town.adviser, now=clock.now())


def became_incident(town: Place, *cases: Incident) -> None:
    make_incident_of_near_miss(incident=cases[2], by=town.adviser, now=clock.now())


def facts_came(town: Place, *cases: Incident) -> None:
    complete_facts(incident=cases[0], answers={"weapon": True}, by=town.adviser, now=clock.now())


def removed(town: Place, *cases: Incident) -> None:
    """At the end of its term; with everything that hangs under it."""
    Incident.objects.filter(pk=cases[0].pk).delete()


def quiet(town: Place, *cases: Incident) -> None:
    """Much is done, and nothing that is counted of a report."""
    reopened(town, *cases)
    judged_the_same(town, cases[1])
    noted(town, cases[2])


class Change(NamedTuple):
    """What is done, by how much it moves reports, near misses and severe ones, and the reason that is told."""

    act: Callable[..., None]
    moved: tuple[int, int, int]
    reason: str = ""


HEADLINES = ("reports", "near_misses", "severe")
SOME = [Change(quiet, (0, 0, 0)), Change(joined, (-1, 0, 0), "joined"), Change(judged_higher, (0, 0, 1), "severity")]
EVERY = [
    *SOME,
    Change(taken_apart, (1, 0, 0), "taken_apart"),
    Change(became_incident, (1, -1, 0), "became_incident"),
    Change(facts_came, (0, 0, 1), "facts"),
    Change(removed, (-1, 0, 0), "gone"),
]


def two_and_a_near_miss(town: Place, month: Period) -> tuple[Incident, ...]:
    start = month.start + timedelta(days=9, hours=10)
    kinds = (ReportKind.INCIDENT, ReportKind.INCIDENT, ReportKind.NEAR_MISS)
    return tuple(make_incident(town, at=start + timedelta(days=day), kind=kind) for day, kind in enumerate(kinds))


@pytest.mark.parametrize(("people", "changes"), [(LARGE, EVERY), (SMALL, SOME)], ids=["large", "small"])
def test_what_changed_afterwards_stands_beside_it(town: Place, people: int, changes: list[Change]):
    """Months in each of which one thing is done after it was fixed. Nothing that was fixed moves by a byte."""
    has_people(town, people)
    last = Period.parse("2026-10")
    months = [last.shifted(number + 1 - len(changes)) for number in range(len(changes))]
    by_month = list(zip(months, changes, strict=True))
    cases = {month: two_and_a_near_miss(town, month) for month in months}
    release_due(now=months[0].end + timedelta(days=5))  # so that they were not all fixed at the same moment
    for month, change in by_month:
        if change.act == taken_apart:
            clock.set_to(month.end)
            joined(town, *cases[month])
    release_due(now=clock.set_to(at(2026, 11, 2)))
    before = fixed(town)
    assert {month.code for month in months} < set(before) and not Correction.objects.exists()
    clock.move(hours=3)
    expected = {}
    for month, change in by_month:
        numbers = Counts.from_json(before[month.code][1]).numbers
        change.act(town, *cases[month])
        for figure, moved in zip(HEADLINES, change.moved, strict=True):
            if moved:
                expected[month.code, figure] = (numbers[figure] + moved, [change.reason])
        assert count_month(town.organisation, month).to_json() != before[month.code][1], "else it shows nothing"
    release_due(now=clock.set_to(at(2026, 12, 1)))
    assert corrections(town) == expected
    assert {code: fixed(town)[code] for code in before} == before
    for row in Correction.objects.select_related("release"):
        told, number = told_before(row), json.loads(row.sealed_exact)
        assert told.is_exact == (people == LARGE and row.figure != "severe")
        assert json.loads(row.shown) == (Told.exact(number).to_json() if told.is_exact else None)
    for month, change in by_month:
        page = read(town.organisation, month)
        assert page is not None
        moved = {figure for figure, by in zip(HEADLINES, change.moved, strict=True) if by}
        assert {found.figure.code for found in page.corrections} == moved
        told = {found.figure.code for found in page.corrections if found.told}
        assert told == (moved - {"severe"} if people == LARGE else set()), "a number only where the total was exact"


def told_before(row: Correction) -> Told:
    told = Shown.from_json(row.release.shown).numbers[row.figure]
    assert told is not None
    return told


def test_a_correction_is_written_once_and_again_when_it_changes_back(town: Place):
    has_people(town, LARGE)
    cases = two_and_a_near_miss(town, Period.parse("2026-11"))
    release_due(now=clock.set_to(at(2026, 12, 1)))
    clock.move(hours=1)
    joined(town, *cases)
    release_due(now=clock.set_to(at(2027, 1, 4)))
    assert corrections(town) == {("2026-11", "reports"): (1, ["joined"])}
    quarter = Counts.from_json(fixed(town)["2026-k4"][1])
    assert quarter.numbers["reports"] == 2, "the sum of what was fixed, not of what would be counted now"
    release_due(now=clock.set_to(at(2027, 2, 1)))
    assert Correction.objects.count() == 1
    clock.move(hours=1)
    taken_apart(town, *cases)
    release_due(now=clock.set_to(at(2027, 3, 1)))
    assert Correction.objects.count() == 2
    assert corrections(town) == {("2026-11", "reports"): (2, ["joined", "taken_apart"])}
    page = read(town.organisation, Period.parse("2026-11"))
    assert page is not None and page.corrections == [], "it is again as it was fixed"


def test_months_a_quarter_and_a_year_stay_whatever_is_done_to_the_organisation(town: Place, other_town: Place):
    has_people(town, LARGE)
    under = Department.objects.create(
        organisation=town.organisation, name="Balie", headcount=20, parent=town.department
    )
    for month in ("2026-10", "2026-11", "2026-12"):
        for number in range(6):
            moment = Period.parse(month).start + timedelta(days=3 * number, hours=11)
            make_incident(town, at=moment, department=under if number % 2 else town.department)
    release_due(now=clock.set_to(at(2027, 1, 4)))
    before = fixed(town)
    assert set(before) == {"2026-10", "2026-11", "2026-12", "2026-k4", "2026"}
    assert Counts.from_json(before["2026"][1]).numbers["reports"] == 18
    assert all(sha256(shown.encode()).hexdigest() == digest for shown, _exact, digest in before.values())
    trail = AuditEvent.objects.filter(action="overview.released", organisation_id=town.organisation.pk)
    assert {tuple(event.fields) for event in trail} == {
        (code, f"sha256:{digest}") for code, (_shown, _exact, digest) in before.items()
    }
    other_life(town, under)
    assert fixed(town) == before
    release_due(now=clock.set_to(at(2027, 2, 1)))
    assert {code: fixed(town)[code] for code in before} == before
    Incident.objects.filter(organisation=town.organisation).delete()
    release_due(now=clock.set_to(at(2027, 3, 1)))
    assert {code: fixed(town)[code] for code in before} == before
    assert verify(town.organisation.pk).is_whole


def other_life(town: Place, under: Department) -> None:
    """Other names, people, settings and another card; and the department is out of use, on its own."""
    Department.objects.filter(pk=under.pk).update(name="Ontvangst", headcount=3, is_active=False, parent=None)
    has_people(town, SMALL)
    town.organisation.name = "Anders"
    town.organisation.save()
    OverviewPlan.objects.create(organisation=town.organisation, round_to=10, smallest_team=50, exact_from_staff=1000)
    seen = mark_of(Changes().to_data())
    draft = change_draft(
        **{"organisation": town.organisation, "about": "card", "seen": seen, "by": town.administrator},
        change=lambda changes: changes.with_item("N05", ItemChange(is_on=False)),
        part=lambda changes: changes.to_data(),
        now=clock.now(),
    )
    publish_draft(organisation=town.organisation, revision=draft.revision, by=town.administrator, now=clock.now())


@pytest.fixture
def corrected(town: Place) -> Correction:
    cases = two_and_a_near_miss(town, Period.parse("2026-11"))
    release_due(now=clock.set_to(at(2026, 12, 1)))
    clock.move(hours=1)
    joined(town, *cases)
    release_due(now=clock.set_to(at(2027, 1, 4)))
    return Correction.objects.get(figure="reports")


def test_the_database_itself_refuses(corrected: Correction):
    before = fixed_rows()
    for table in ("incidents_release", "incidents_correction"):
        for statement in (
            f"UPDATE {table} SET shown = '{{}}'",
            f"UPDATE {table} SET id = id",
            f"DELETE FROM {table}",
        ):
            with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
                connection.cursor().execute(statement)
    for rows in (Release.objects, Correction.objects):
        with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
            rows.update(shown="{}")
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.all().delete()
    row = corrected.release
    row.shown = "{}"
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        row.save()
    with pytest.raises(DatabaseError), transaction.atomic():
        Release.objects.create(
            organisation=row.organisation, **period_of(row).row(), made_at=clock.now(), shown="{}", digest=""
        )
    assert fixed_rows() == before


def fixed_rows() -> list[tuple[Any, ...]]:
    return [*Release.objects.order_by("pk").values_list(), *Correction.objects.order_by("pk").values_list()]


# --- when ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("month", "days", "day"),
    [
        ("2026-12", "12345", date(2026, 12, 1)),
        ("2027-01", "12345", date(2027, 1, 4)),  # New Year's Day, a Friday
        ("2026-08", "12345", date(2026, 8, 3)),  # begins on a Saturday
        ("2029-04", "12345", date(2029, 4, 3)),  # Easter Sunday and Easter Monday
        ("2027-05", "12345", date(2027, 5, 3)),
        ("2026-12", "67", date(2026, 12, 5)),  # who works in the weekend
        ("2027-01", "1", date(2027, 1, 4)),
        ("2027-03", "7", date(2027, 3, 7)),
    ],
)
def test_the_first_working_day(month: str, days: str, day: date):
    assert first_working_day(Period.parse(month), Office(days=days)) == day


@pytest.mark.parametrize(
    ("month", "days", "comes"),
    [
        ("2026-11", "12345", at(2026, 12, 1, 0)),
        ("2026-12", "12345", at(2027, 1, 4, 0)),
        ("2026-11", "67", at(2026, 12, 5, 0)),
        ("2027-03", "12345", at(2027, 4, 1, 0)),  # summer time began in it: midnight is an hour earlier in UTC
    ],
)
def test_not_a_minute_before(town: Place, month: str, days: str, comes: datetime):
    has_people(town, LARGE)
    ReminderPlan.objects.create(organisation=town.organisation, works_on=days)
    make_incident(town, at=Period.parse(month).end - timedelta(minutes=1))
    assert release_due(now=comes - timedelta(minutes=1)) == 0 and not Release.objects.exists()
    assert release_due(now=comes) >= 1
    row = Release.objects.get(kind="month")
    assert (period_of(row).code, row.made_at) == (month, comes)
    assert Counts.from_json(row.sealed_exact).numbers["reports"] == 1
    assert release_due(now=comes + timedelta(hours=1)) == 0


def test_months_without_a_clock_are_caught_up_in_order(town: Place, other_town: Place):
    """Also those in which nothing happened. What came in since counts in its own month."""
    has_people(town, LARGE)
    make_incident(town, at=at(2026, 8, 31, 23, 59))
    make_incident(town, at=at(2026, 11, 30, 23, 59))
    make_incident(town, at=at(2026, 12, 1, 0))
    assert release_due(now=clock.set_to(at(2026, 12, 1))) == 4 + 1
    rows = Release.objects.filter(organisation=town.organisation, kind="month").order_by("number")
    assert [(row.number, Counts.from_json(row.sealed_exact).numbers["reports"]) for row in rows] == [
        *((8, 1), (9, 0), (10, 0), (11, 1))
    ]
    assert not Release.objects.filter(organisation=other_town.organisation).exists(), "nothing was ever reported there"
    assert set(fixed(town)) - {row.code for row in map(period_of, rows)} == {"2026-k3"}


def test_a_quarter_that_was_missed_is_made_later(town: Place):
    """The machine stopped between the month and the quarter that it ends."""
    has_people(town, LARGE)
    for month in ("2026-10", "2026-11", "2026-12"):
        make_incident(town, at=Period.parse(month).start + timedelta(days=9))
    clock.set_to(at(2027, 1, 4))
    for month in ("2026-10", "2026-11", "2026-12"):
        assert release(organisation=town.organisation, period=Period.parse(month), now=clock.now())
    release_due(now=clock.move(hours=1))
    assert {"2026-k4", "2026"} <= set(fixed(town))


def test_months_go_on_when_the_last_case_is_gone(town: Place):
    has_people(town, LARGE)
    make_incident(town, at=at(2026, 10, 5))
    release_due(now=clock.set_to(at(2026, 11, 2)))
    Incident.objects.all().delete()
    release_due(now=clock.set_to(at(2026, 12, 1)))
    assert set(fixed(town)) == {"2026-10", "2026-11"}
    assert corrections(town) == {("2026-10", "reports"): (0, ["gone"])}


def test_months_go_on_when_an_earlier_report_is_brought_in(town: Place):
    """The portal came into use in June, so the second quarter is that month; what is of April comes in July."""
    has_people(town, LARGE)
    for day in range(1, 13):
        make_incident(town, at=at(2026, 6, day))
    assert release_due(now=clock.set_to(at(2026, 7, 1))) == 2  # June and the quarter
    before = fixed(town)
    clock.set_to(at(2026, 7, 10))
    brought_in(town, sheet_of(line(1, day="02-04-2026")))
    assert release_due(now=clock.now()) == 0 and held_back(town.organisation, clock.now()) is None
    for day in range(13, 25):
        make_incident(town, at=at(2026, 7, day))
    assert release_due(now=clock.set_to(at(2026, 8, 3))) == 1
    assert fixed(town).keys() - before.keys() == {"2026-07"}


def break_releases(place: Place) -> None:
    """Of this year one row that no program can read."""
    Release.objects.create(
        organisation=place.organisation, kind="month", year=2026, number=1, made_at=clock.now(), shown="?", digest="",
        sealed_exact="?",
    )  # fmt: skip


@pytest.mark.parametrize("broken_first", [True, False])
def test_a_broken_organisation_keeps_no_other_waiting(town: Place, other_town: Place, broken_first: bool):
    broken, whole = (other_town, town) if broken_first else (town, other_town)  # they go by name
    for place in (town, other_town):
        has_people(place, LARGE)
        make_incident(place, at=at(2026, 11, 5))
    break_releases(broken)
    clock.set_to(at(2026, 12, 1))
    assert release_due(now=clock.now()) == 1
    assert "2026-11" in fixed(whole)
    assert list(Release.objects.filter(organisation=broken.organisation).values_list("number", flat=True)) == [1]
    held = Alarm.objects.filter(kind=AlarmKind.OVERVIEW_HELD)
    assert {row.recipient for row in held} == {broken.adviser}
    release_due(now=clock.move(hours=1))
    assert held.count() == 1


def test_two_workers_make_one(committed: None, town: Place, other_town: Place):
    for place in (town, other_town):
        has_people(place, LARGE)
        make_incident(place, at=at(2026, 9, 5))
        User.objects.filter(pk=place.management.pk).update(wants_overview_mail=True)
    now = clock.set_to(at(2026, 10, 1))
    made = list[int]()
    raised = at_once(*[lambda: made.append(release_due(now=now))] * 2)
    assert raised == [] and sum(made) == 4
    for place in (town, other_town):
        assert set(fixed(place)) == {"2026-09", "2026-k3"}
        events = AuditEvent.objects.filter(organisation_id=place.organisation.pk, action="overview.released")
        assert events.count() == 2
        assert Alarm.objects.filter(organisation=place.organisation).count() == 1
        assert verify(place.organisation.pk).is_whole


# --- mail ------------------------------------------------------------------------------------------------------------


def told_of(place: Place) -> list[date]:
    """The days on which subscribers hear of an overview."""
    rows = Alarm.objects.filter(organisation=place.organisation, kind=AlarmKind.OVERVIEW_READY)
    assert {row.recipient for row in rows} <= {place.management}
    return [row.day for row in rows]


def test_mail_is_about_the_month_that_just_ended_and_comes_once(town: Place, other_town: Place):
    has_people(town, LARGE)
    User.objects.filter(pk__in=[town.management.pk, other_town.management.pk]).update(wants_overview_mail=True)
    make_incident(town, at=at(2026, 10, 5))
    release_due(now=clock.set_to(at(2027, 1, 1)))  # a holiday: only what should have been fixed long ago
    assert set(fixed(town)) == {"2026-10", "2026-11"} and told_of(town) == []
    release_due(now=clock.set_to(at(2027, 1, 4)))
    assert set(fixed(town)) >= {"2026-12", "2026-k4", "2026"} and told_of(town) == [date(2027, 1, 4)]
    for _round in range(3):
        release_due(now=clock.move(hours=1))
    assert told_of(town) == [date(2027, 1, 4)] and told_of(other_town) == []


def test_a_month_that_does_not_open_keeps_no_newer_one_back(committed: None, town: Place):
    clock.set_to(at(2026, 12, 2))
    fixed_months(town)  # up to October
    old = Release.objects.filter(kind="month", year=2025).order_by("number")[0]
    release_table = next(one for one in FIXED if one.table == "incidents_release")
    with connection.schema_editor() as editor:
        release_table.unlock(None, editor)
        Release.objects.filter(pk=old.pk).update(sealed_exact=b"\x00")
        release_table.lock(None, editor)
    assert release_due(now=clock.now()) == 1
    assert Release.objects.filter(kind="month", year=2026, number=11).exists()
