"""What an analyst takes out: rows that say what an independent count says, no person, no words, and always logged."""

import csv
import gc
import io
import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from guidance.vocabulary import OFFICE_HOLDERS, Behaviour, Channel, Motive, TargetGroup
from incidents.actions.case import add_note
from incidents.actions.closing import close_case
from incidents.actions.exclusions import keep_out
from incidents.actions.merging import merge_cases
from incidents.actions.police_sheets import start_sheet
from incidents.actions.refusals import Refused
from incidents.actions.row_export import PeriodTooLong, RowPurpose, export_rows
from incidents.actions.tasks import decline_task, finish_task
from incidents.models import CareMoment, Incident, OverviewPlan, PoliceSheet
from incidents.overview import analyst_rows
from incidents.overview.analyst_departments import told_departments
from incidents.overview.analyst_rows import COLUMNS, FileBrokenOff, as_csv
from incidents.overview.files.cells import FORMULA
from incidents.overview.periods import Period
from incidents.overview.setting import Setting, Unit
from incidents.vocabulary import FiledBy, PoliceKind
from tests import clock
from tests.incidents.reactions import NAME, drafted, make_case, make_threat, running
from tests.world import Place, make_incident, make_place, make_user
from vpdportal.accounts.models import Department, User
from vpdportal.audit.models import AuditEvent

PAGE = reverse("analysis")
OCTOBER = datetime(2026, 10, 13, 14, 30, tzinfo=timezone.get_default_timezone())
WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
PARTS = ("Night, 0 to 6 hours", "Morning, 6 to 12 hours", "Afternoon, 12 to 18 hours", "Evening, 18 to 24 hours")
ANSWER = {"first": "2026-10", "last": "2026-10", "purpose": "policy", "promise": "on"}


def english(as_user: Any, user: User, **options: Any) -> Client:
    client: Client = as_user(user, **options)
    client.cookies["vpd_language"] = "en"
    return client


@pytest.fixture
def analyst(town: Place, as_user: Any) -> Client:
    return english(as_user, town.analyst)


def ask(client: Client, **changed: Any) -> Any:
    return client.post(PAGE, {name: value for name, value in {**ANSWER, **changed}.items() if value is not None})


def bytes_of(answer: Any) -> bytes:
    assert answer.status_code == 200, answer.content.decode()
    content: bytes = answer.getvalue()
    return content


def read(content: bytes) -> list[dict[str, str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


def rows_from(client: Client, **changed: Any) -> list[dict[str, str]]:
    return read(bytes_of(ask(client, **changed)))


def yes(answer: object) -> str:
    return "Yes" if answer else "No"


def by_hand(incident: Incident, department: str) -> tuple[str, ...]:
    """The row of one report, worked out from its rows one by one, in other words than the product's."""
    happened = timezone.localtime(incident.occurred_at)
    tasks = list(incident.tasks.all())
    done = [task for task in tasks if task.status == "done"]
    late = [task for task in done if task.due_at and task.finished_at > task.due_at]
    codes = {task.code for task in done}
    given = [one for one in incident.reactions.all() if one.status in {"active", "done", "ended"}]
    filed = [one for one in incident.police_sheets.all() if (one.kind, one.status) == ("aangifte", "filed")]
    talks = {one.status for one in incident.care.all() if (one.kind, one.care_for) == ("reception", "affected")}
    talk = "no"
    if "declined" in talks or any(task.code == "N02" and task.status == "declined" for task in tasks):
        talk = "not held, for a reason"
    if "held" in talks or "N02" in codes:
        talk = "held"
    closing = ""
    if incident.closed_at:
        closing = str(
            timezone.localdate(incident.closed_at).toordinal() - timezone.localdate(incident.reported_at).toordinal()
        )
    is_office = incident.target_group in {*OFFICE_HOLDERS, "municipal_secretary"}
    return (
        timezone.localtime(incident.reported_at).strftime("%Y-%m"),
        happened.strftime("%Y-%m"),
        WEEK[happened.weekday()],
        PARTS[happened.hour // 6],
        {"incident": "incident", "near_miss": "near miss"}[incident.kind],
        str(Behaviour(incident.main_behaviour).label),
        str(Channel(incident.channel).label),
        "Office holder or secretary" if is_office else str(TargetGroup(incident.target_group).label),
        str(Motive(incident.motive).label) if incident.motive else "",
        {None: "Not filled in", True: "Yes", False: "No"}[incident.is_perpetrator_known],
        str(incident.severity),
        yes(incident.severity_confirmed_at),
        {"received": "received", "in_progress": "in progress", "closed": "closed"}[incident.status],
        department,
        {"vehicle": "vehicle", "outside": "place outside"}[incident.location.kind] if incident.location else "",
        closing,
        str(len(done) - len(late)),
        str(len(late)),
        str(len([task for task in tasks if task.status == "open"])),
        yes(given or codes & {"R04", "R05", "R06", "R07", "R08", "R09", "R17"}),
        yes(filed or codes & {"R11", "R12"}),
        talk,
    )


def generated(town: Place, number: int) -> None:
    """Reports of three months with all kinds of facts, worked on by the real actions."""
    luck = random.Random(7)  # noqa: S311
    small = Department.objects.create(
        organisation=town.organisation, name="Griffie", headcount=4, parent=town.department
    )
    alone = Department.objects.create(organisation=town.organisation, name="Kabinet", headcount=25)
    places = [
        town.organisation.locations.create(name=kind, code=kind[:6], kind=kind) for kind in ("vehicle", "outside")
    ]
    for at in range(number):
        came = datetime(
            2026, luck.choice((8, 9, 10)), luck.randint(1, 28), luck.randint(0, 23), 15, tzinfo=OCTOBER.tzinfo
        )
        clock.set_to(came)
        is_near = at % 7 == 0
        incident = make_incident(
            town,
            at=came,
            ago=timedelta(hours=luck.randint(1, 900)),
            kind="near_miss" if is_near else "incident",
            department=luck.choice((town.department, small, alone)),
            location=luck.choice((None, *places)),
            behaviours=(luck.choice(("threat", "insult", "spitting", "physical_violence", "online_hate")),),
            channel=luck.choice(Channel.values),
            target_group=luck.choice(("counter_staff", "mayor", "municipal_secretary", "councillor", "relative")),
            motive=luck.choice((None, *Motive.values)),
            perpetrator_known=luck.choice((True, False, None)),
        )
        worked_on(incident, town, luck)
    clock.set_to(clock.START)


def worked_on(incident: Incident, town: Place, luck: random.Random) -> None:
    for task in incident.tasks.filter(status="open").order_by("code", "step"):
        chance, at = luck.random(), clock.moment + timedelta(hours=luck.choice((1, 100, 900)))
        try:
            if chance < 0.5:
                finish_task(task=task, by=town.adviser, now=at)
            elif chance < 0.7:
                decline_task(task=task, reason="kanarie-reden", by=town.adviser, now=at)
        except Refused:
            continue
    if luck.random() < 0.3:
        for task in incident.tasks.filter(status="open"):
            decline_task(task=task, reason="kanarie-reden", by=town.adviser, now=clock.moment + timedelta(days=40))
        close_case(
            incident=incident, outcome="kanarie-uitkomst", by=town.adviser, now=clock.moment + timedelta(days=41)
        )


def test_the_rows_are_what_a_count_by_hand_gives(town: Place, analyst: Client):
    generated(town, 30)
    case = make_threat(town, at=OCTOBER)
    running(case, town)
    sheet = start_sheet(
        incident=case, kind=PoliceKind.AANGIFTE, filed_by=FiledBy.EMPLOYER, by=town.adviser, now=clock.now()
    )
    PoliceSheet.objects.filter(pk=sheet.pk).update(status="filed", filed_on=date(2026, 11, 20))
    drafted(make_case(town, at=OCTOBER), town)  # only a draft: nothing was given
    talk = make_incident(town, at=OCTOBER, behaviours=("physical_violence",), injury=True).tasks.get(code="N02", step=0)
    moment = CareMoment(
        organisation=town.organisation, incident=talk.incident, task=talk, kind="reception", status="declined"
    )
    moment.name = moment.contact = moment.place = moment.wish = ""
    moment.save(force_insert=True)
    Incident.objects.filter(channel="counter").update(
        severity_confirmed_at=clock.now(), severity_confirmed_by=town.adviser
    )
    rows = rows_from(analyst, first="2026-08")
    named = {"Publiekszaken": "Publiekszaken", "Griffie": "Publiekszaken", "Kabinet": "Kabinet"}
    with translation.override("en"):
        expected = [by_hand(incident, named[incident.department.name]) for incident in Incident.objects.all()]
    assert Counter(tuple(list(row.values())[1:]) for row in rows) == Counter(expected)
    assert [row["Row"] for row in rows] == [str(number) for number in range(1, 34)]
    for column in ("Reaction given", "Aangifte made", "Severity confirmed", "Kind", "Kind of place", "Reception talk"):
        assert len({row[column] for row in rows}) > 1, f"the test tells nothing about {column}"


def test_no_person_no_words_no_number_and_no_day(town: Place, analyst: Client):
    incident = make_threat(
        town,
        at=OCTOBER,
        story="kanarie-verhaal",
        place="kanarie-plek",
        contact="kanarie-contact",
        perpetrator_description="kanarie-iemand",
        affected_name="kanarie-naam",
        reporter_is="colleague",
        details={"remark": "kanarie-extra"},
        wants_support=True,
        safety_feeling=1,
    )
    running(incident, town, conduct="kanarie-gedrag", scope="kanarie-gebied")
    add_note(incident=incident, text="kanarie-notitie", by=town.adviser, now=clock.now())
    Incident.objects.update(adviser=town.adviser, severity_confirmed_at=clock.now(), severity_confirmed_by=town.adviser)
    content = bytes_of(ask(analyst)).decode()
    assert "Threat" in content
    names = [person.name for person in town.people.values()]
    hidden = [incident.reference, str(incident.pk), "kanarie", NAME, "2026-10-1", "14:30", "12:30", "@", *names]
    assert [text for text in hidden if text.lower() in content.lower()] == []
    assert [row["Days until closing"] for row in read(content.encode())] == [""]


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ('=HYPERLINK("x")', '\'=HYPERLINK("x")'),
        ("+31 bellen", "'+31 bellen"),
        ("-1+1", "'-1+1"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\t=1+1", "'=1+1"),
        ("\r\n=1+1", "'=1+1"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("\uff201", "'\uff201"),
        ("\u200b=1+1", "'=1+1"),
        ("\u202e=1+1", "'=1+1"),
        ("a;=1+1", "a;'=1+1"),
        ('a"," =1+1', 'a"," \'=1+1'),
        ("Zorg & Welzijn = 1 😡", "Zorg & Welzijn = 1 😡"),
        ("<script>", "<script>"),
    ],
)
def test_a_department_that_is_called_as_a_formula(town: Place, analyst: Client, name: str, cell: str):
    Department.objects.filter(pk=town.department.pk).update(name=name)
    make_incident(town, at=OCTOBER)
    content = bytes_of(ask(analyst))
    assert [row["Department"] for row in read(content)] == [cell]
    for delimiter in ",;\t":  # whichever a spreadsheet takes for the end of a cell
        cells = [
            cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=delimiter) for cell in row
        ]
        assert [cell for cell in cells if cell.strip(' "')[:1] in FORMULA] == []


def test_the_order_tells_nothing_but_the_month(town: Place, analyst: Client):
    for day in range(1, 29):
        make_incident(town, at=OCTOBER.replace(day=day), channel=Channel.values[day % 11])
    for month in (8, 9):
        make_incident(town, at=OCTOBER.replace(month=month))
    files = [rows_from(analyst, first="2026-08") for _file in range(2)]
    for rows in files:
        assert [row["Month of report"] for row in rows] == ["2026-08", "2026-09"] + 28 * ["2026-10"]
    first, second = ([row["Channel or place"] for row in rows] for rows in files)
    assert first != second and sorted(first) == sorted(second)


def test_it_is_sent_as_a_file_that_nothing_keeps(town: Place, analyst: Client):
    make_incident(town, at=OCTOBER)
    answer = ask(analyst, first="2026-09")
    assert answer.streaming
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="vlinderwaard-2026-09-2026-10-1.csv"'
    assert (answer["Cache-Control"], answer["X-Content-Type-Options"], answer["X-Rows"]) == ("no-store", "nosniff", "1")
    assert bytes_of(answer).count(b"\r\n") == 2


def test_the_file_is_in_the_language_of_the_screen(town: Place, as_user: Any):
    make_incident(town, at=OCTOBER)
    client = as_user(town.analyst)
    assert next(iter(rows_from(client)))["Gedrag"] == "Schelden"


@pytest.mark.parametrize("number", [1, 3])
def test_as_many_questions_whatever_there_is(town: Place, analyst: Client, number: int, django_assert_num_queries: Any):
    for _one in range(number):
        running(make_threat(town, at=OCTOBER), town)
    analyst.get(PAGE)
    with django_assert_num_queries(5):
        assert analyst.get(PAGE).status_code == 200
    with django_assert_num_queries(13):
        answer = ask(analyst)
    with django_assert_num_queries(10):
        assert len(read(bytes_of(answer))) == number


def test_a_part_costs_as_much_as_any_other_and_is_read_while_it_is_sent(town: Place, monkeypatch: pytest.MonkeyPatch):
    for _number in range(5):
        make_incident(town, at=OCTOBER)
    monkeypatch.setattr(analyst_rows, "PART", 2)
    lines = as_csv(town.organisation, [Period.parse("2026-10")], town.analyst, 5, "en")
    costs = []
    while True:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            if (part := next(lines, None)) is None:
                break
        costs.append((part.count(b"\r\n"), len(asked)))
    assert costs == [(1, 0), (2, 10), (2, 5), (1, 5)]


def test_memory_does_not_grow_with_the_file(town: Place, monkeypatch: pytest.MonkeyPatch):
    for _number in range(40):
        make_incident(town, at=OCTOBER)
    monkeypatch.setattr(analyst_rows, "PART", 4)
    real = analyst_rows._work_of
    held: list[int] = []

    def weighed(cases: Any) -> Any:
        held.append(sum(type(one) is analyst_rows.Row for one in gc.get_objects()))
        return real(cases)

    monkeypatch.setattr(analyst_rows, "_work_of", weighed)
    lines = as_csv(town.organisation, [Period.parse("2026-10")], town.analyst, 40, "en")
    assert sum(part.count(b"\r\n") for part in lines) == 41
    assert len(held) == 10 and max(held) <= 4


def test_it_is_written_down_before_the_first_byte(town: Place, analyst: Client):
    for _number in range(2):
        make_incident(town, at=OCTOBER)
    ask(analyst, first="2026-09", purpose="council")  # and nobody reads the answer
    event = AuditEvent.objects.get(action="rows.exported")
    assert (event.organisation_id, event.object_id, event.actor_id, event.at) == (
        town.organisation.pk,
        town.organisation.pk,
        town.analyst.pk,
        clock.now(),
    )
    assert event.fields == ["from:2026-09", "purpose:council", "rows:2", "to:2026-10"]


def test_the_data_protection_officer_sees_it(town: Place, analyst: Client, as_user: Any):
    make_incident(town, at=OCTOBER)
    ask(analyst)
    client = as_user(town.auditor)
    client.cookies["vpd_language"] = "en"
    page = client.get(reverse("audit_log", args=[town.organisation.slug])).content.decode()
    assert (
        "took out a row for each report" in page
        and "To make policy about safe work" in page
        and town.analyst.name in page
    )


def test_a_file_with_other_rows_than_were_written_down_breaks_off(town: Place, analyst: Client):
    kept, other = make_incident(town, at=OCTOBER), make_incident(town, at=OCTOBER)
    assert len(read(bytes_of(ask(analyst)))) == 2
    answer = ask(analyst)
    merge_cases(incident=other, into=kept, by=town.adviser, now=clock.now())
    with pytest.raises(FileBrokenOff):
        answer.getvalue()
    assert len(rows_from(analyst)) == 1, "what was joined is not in it"


def test_a_case_that_is_hidden_from_the_analyst_is_not_in_it(town: Place, analyst: Client):
    hidden = make_incident(town, at=OCTOBER, behaviours=("threat",))
    make_incident(town, at=OCTOBER)
    assert {row["Behaviour"] for row in rows_from(analyst)} == {"Threat", "Verbal abuse"}
    keep_out(incident=hidden, person=town.analyst, by=town.employee, now=clock.now())
    assert [row["Behaviour"] for row in rows_from(analyst)] == ["Verbal abuse"]
    keep_out(
        incident=Incident.objects.exclude(pk=hidden.pk).get(), person=town.analyst, by=town.employee, now=clock.now()
    )
    assert ask(analyst).status_code == 409, "and there is nothing"


def test_who_may_take_rows_out(town: Place, other_town: Place, as_user: Any, client: Client):
    make_incident(town, at=OCTOBER)
    assert ask(as_user(town.analyst)).status_code == 200
    for role in sorted({*town.people} - {"analyst"}):
        assert ask(as_user(town.people[role])).status_code == 403, role
        assert as_user(town.people[role]).get(PAGE).status_code == 403, role
    assert "/inloggen/" in ask(client)["Location"] and "/inloggen/" in client.get(PAGE)["Location"]
    assert ask(as_user(other_town.analyst)).status_code == 409, "there is nothing of theirs"
    assert ask(as_user(other_town.analyst), organisation="vlinderwaard").status_code == 409
    assert AuditEvent.objects.filter(action="rows.exported").count() == 1


def test_who_serves_several_organisations_chooses_one(town: Place, other_town: Place, analyst: Client):
    other_town.join(town.analyst, "analyst")
    third = make_place("Derde", prefix="DE")
    third.join(town.analyst, "adviser")
    make_incident(town, at=OCTOBER)
    make_incident(other_town, at=OCTOBER, behaviours=("threat",))
    make_incident(third, at=OCTOBER)
    assert ask(analyst).status_code == 400, "nothing was chosen"
    assert [row["Behaviour"] for row in rows_from(analyst, organisation="elders")] == ["Threat"]
    assert [row["Behaviour"] for row in rows_from(analyst, organisation="vlinderwaard")] == ["Verbal abuse"]
    assert ask(analyst, organisation="derde").status_code == 400, "adviser there, not analyst"
    events = AuditEvent.objects.filter(action="rows.exported")
    assert {event.organisation_id for event in events} == {town.organisation.pk, other_town.organisation.pk}
    assert 'name="organisation"' in analyst.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"first": ""}, "Fill this in"),
        ({"first": "2026"}, "such as 2026-11"),
        ({"first": "2026-13"}, "such as 2026-11"),
        ({"first": "<script>"}, "such as 2026-11"),
        ({"first": "2026-10-01"}, "such as 2026-11"),
        ({"last": "2026-11"}, "not over yet"),
        ({"last": "9999-12"}, "not over yet"),
        ({"first": "2027-01"}, "not over yet"),
        ({"first": "2026-10", "last": "2026-09"}, "before the first"),
        ({"first": "2025-10"}, "You chose 13 months. One file holds 12 months at most."),
        ({"first": "1000-01"}, "holds 12 months at most"),
        ({"purpose": ""}, "Choose an answer"),
        ({"purpose": "zomaar"}, "not one of the available choices"),
        ({"promise": None}, "Without it no file leaves"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_leaves(town: Place, analyst: Client, changed: dict[str, Any], says: str):
    make_incident(town, at=OCTOBER)
    answer = ask(analyst, **changed)
    assert answer.status_code == 400 and "Content-Disposition" not in answer
    assert says in answer.content.decode()
    assert not AuditEvent.objects.filter(action="rows.exported").exists()
    assert ask(analyst, first="2025-11").status_code == 200, "twelve months is fine"


@pytest.mark.parametrize("typed", ["2026-10", " 2026-10 ", "10-2026", "10/2026"])
def test_a_month_may_be_typed_either_way_round(town: Place, analyst: Client, typed: str):
    make_incident(town, at=OCTOBER)
    assert len(rows_from(analyst, first=typed)) == 1


def test_the_organisation_says_how_long_a_period_may_be(town: Place, analyst: Client):
    make_incident(town, at=OCTOBER)
    OverviewPlan.objects.create(organisation=town.organisation, export_months=2)
    assert "A file holds 2 months at most." in analyst.get(PAGE).content.decode()
    assert ask(analyst, first="2026-09").status_code == 200
    assert "You chose 3 months. One file holds 2 months at most." in ask(analyst, first="2026-08").content.decode()
    with override("en"), pytest.raises(PeriodTooLong, match="2 months at most"):
        export_rows(
            rows=Incident.objects.all(),
            organisation=town.organisation,
            months=["2026-08", "2026-09", "2026-10"],
            purpose=RowPurpose.POLICY,
            by=town.analyst,
            now=clock.now(),
        )


def test_the_month_that_runs_comes_when_it_is_over(town: Place, analyst: Client):
    make_incident(town)
    assert ask(analyst, first="2026-11", last="2026-11").status_code == 400
    assert ask(analyst).status_code == 409, "nothing in the period"
    clock.set_to(datetime(2026, 11, 30, 22, 59, tzinfo=UTC))
    assert ask(analyst, first="2026-11", last="2026-11").status_code == 400
    clock.move(minutes=2)  # 1 December here
    assert len(rows_from(analyst, first="2026-11", last="2026-11")) == 1


def test_ten_files_a_day_and_tomorrow_again(town: Place, other_town: Place, analyst: Client, as_user: Any):
    make_incident(town, at=OCTOBER)
    second = make_user()
    town.join(second, "analyst")
    for left in range(10, 0, -1):
        assert f"You can take out {left} more file" in analyst.get(PAGE).content.decode()
        assert ask(analyst).status_code == 200
    refused = ask(analyst)
    assert refused.status_code == 409 and "You took out ten files today" in refused.content.decode()
    assert 'value="2026-10"' in refused.content.decode(), "what was chosen is still there"
    assert ask(as_user(second)).status_code == 200, "someone else"
    clock.move(days=1)
    assert ask(analyst).status_code == 200


def test_looking_at_the_page_takes_nothing_out(town: Place, analyst: Client, as_user: Any):
    make_incident(town, at=OCTOBER)
    answer = analyst.get(PAGE, ANSWER)
    page = answer.content.decode()
    assert "Content-Disposition" not in answer and not AuditEvent.objects.filter(action="rows.exported").exists()
    with translation.override("en"):
        assert [column.title for column in COLUMNS if str(column.title) not in page] == []
    guarded = as_user(town.analyst, enforce_csrf_checks=True)
    assert ask(guarded).status_code == 403
    token = guarded.get(PAGE).content.decode().split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    assert ask(guarded, csrfmiddlewaretoken=token).status_code == 200


def test_only_who_takes_rows_out_is_led_there(town: Place, as_user: Any):
    assert f'href="{PAGE}"' in as_user(town.analyst).get("/").content.decode()
    assert f'href="{PAGE}"' not in as_user(town.adviser).get(reverse("work_list")).content.decode()


def unit(name: str, people: int, parent: str = "") -> Unit:
    return Unit(name, name, people, parent)


@pytest.mark.parametrize(
    ("units", "told"),
    [
        ([], {}),
        ([unit("A", 10)], {"A": "A"}),
        ([unit("A", 9)], {}),
        ([unit("A", 40), unit("a", 9, "A")], {"A": "A", "a": "A"}),
        ([unit("A", 2), unit("a", 4, "A"), unit("b", 4, "A")], {"A": "A", "a": "A", "b": "A"}),
        # Only the five of c would bear the name A: so they join the smallest that has a name.
        ([unit("A", 0), unit("b", 45, "A"), unit("c", 5, "A"), unit("D", 20)], {"b": "b"}),
        ([unit("A", 30), unit("B", 20), unit("C", 4), unit("D", 6)], {"A": "A", "B": "B"}),
        ([unit("A", 30), unit("B", 20), unit("C", 4)], {"A": "A"}),
        ([unit("A", 30), unit("out of use", 0)], {}),
        ([unit("A", 30), unit("x", 50, "y"), unit("y", 50, "x")], {"A": "A"}),  # a ring that hangs on nothing
    ],
)
def test_no_name_of_a_department_stands_for_a_handful_of_people(units: list[Unit], told: dict[str, str]):
    assert told_departments(Setting(tuple(units), {}, {})) == told


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 9)), max_size=10),
    st.integers(10, 40),
)
def test_behind_each_name_are_enough_people(shape: list[tuple[int, int]], smallest: int):
    units = [Unit(str(at), str(at), people, str(up) if up < at else "") for at, (people, up) in enumerate(shape)]
    told = told_departments(Setting(tuple(units), {}, {}, smallest_team=smallest))
    behind: Counter[str] = Counter()
    for one in units:
        behind[told.get(one.key, "")] += one.people
    unnamed = [one for one in units if one.key not in told]
    assert all(people >= smallest for name, people in behind.items() if name)
    assert not unnamed or not told or behind[""] >= smallest
