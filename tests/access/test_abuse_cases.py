"""The five abuse cases of the design of reliability, 2.3, word for word."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from incidents.actions.calendar_feeds import make_feed
from incidents.actions.evidence import keep_evidence
from incidents.actions.reminders.sweep import sweep
from incidents.actions.tasks import finish_task
from incidents.models import Evidence, Incident, Release, Task
from incidents.overview.periods import Period
from incidents.overview.releases import release
from tests import clock
from tests.access.accused import CHANNELS, Report, browser_of, report_about
from tests.access.test_rights import no_pdf  # noqa: F401  a PDF takes seconds
from tests.world import Place, make_incident, make_user, open_task
from vpdportal.accounts.actions import plan_absence
from vpdportal.accounts.models import Department, User
from vpdportal.accounts.roles import Role

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


# (a) Report about your own manager; he is default recipient, deputy of the adviser and in management. He must see
# nothing in any of 14 channels. Each is tried twice: let in it shows, kept out it does not.


@pytest.fixture(params=[False, True], ids=["let in", "kept out"])
def report(town: Place, no_pdf: None, request: pytest.FixtureRequest) -> Report:  # noqa: F811
    return report_about(town, is_kept_out=request.param)


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_report_about_the_own_manager(report: Report, channel: str):
    assert len(CHANNELS) == 14
    is_out = report.incident.exclusions.filter(user=report.boss).exists()
    assert CHANNELS[channel](report) is not is_out


# (b) Two organisations, same user e-mail, same case reference, same file name, same cache keys.


def test_two_organisations_with_the_same_of_everything(town: Place, other_town: Place):
    """One account, so one address, in both; the rest is forced to be alike. Asked in turn: no answer of the other's."""
    both = make_user("Bo Beiden")
    cases: list[tuple[Place, Incident, Evidence, str]] = []
    for place, word in ((town, "kanarieboven"), (other_town, "kanariebeneden")):
        place.join(both, Role.EMPLOYEE, place.department)
        case = make_incident(place, by=both, story=word)
        upload = SimpleUploadedFile("bewijs.pdf", b"%PDF-1.4 " + word.encode())
        file = keep_evidence(
            upload=upload, organisation=place.organisation, by=both, form_key=case.idempotency_key, now=clock.now()
        )
        Evidence.objects.filter(pk=file.pk).update(incident=case)
        cases.append((place, case, file, word))
    Incident.objects.update(reference="VW-2026-0001")
    assert User.objects.filter(email=both.email).count() == 1
    cache.clear()
    for (place, case, file, word), (_place, foreign, its_file, its_word) in [cases, cases[::-1]] * 2:
        client = browser_of(place.adviser)
        listed = client.get(reverse("case_list"), {"number": "VW-2026-0001"})
        assert [one.pk for one in listed.context["page"].object_list] == [case.pk]
        page = client.get(reverse("case", args=[case.pk])).content.decode()
        assert word in page and its_word not in page
        kept = b"".join(client.get(reverse("case_evidence", args=[case.pk, file.pk])))
        assert word.encode() in kept
        for pair in ((foreign.pk, its_file.pk), (case.pk, its_file.pk), (foreign.pk, file.pk)):
            assert client.get(reverse("case_evidence", args=pair)).status_code == 404
        found = client.post(reverse("case_search"), {"search": its_word}).content.decode()
        assert str(foreign.pk) not in found
        own = browser_of(both).get(reverse("report_status", args=[case.pk])).content.decode()
        assert word in own and its_word not in own


# (c) Victim withdraws consent that the manager may read: next request of the manager is 404, running link dies.


def test_consent_that_is_withdrawn(town: Place):
    """The manager has the door of a mail open, a task of the case, and an address of a calendar that runs by itself."""
    incident = make_incident(town)
    task, done = open_task(incident, "N02"), open_task(incident, "N01")
    Task.objects.filter(pk__in=(task.pk, done.pk)).update(assignee=town.manager)
    finish_task(task=Task.objects.get(pk=done.pk), by=town.manager, now=clock.now(), remark="")
    boss, feed = browser_of(town.manager), make_feed(user=town.manager, seen="", now=clock.now())
    running = reverse("calendar_file", args=[feed])
    door, page = reverse("door", args=[incident.pk]), reverse("task", args=[task.pk])
    memory = reverse("task", args=[done.pk])

    def seen() -> list[Any]:
        named = [incident.reference in boss.get(reverse(name)).content.decode() for name in ("team", "my_tasks")]
        linked = incident.reference in Client().get(running).content.decode()
        return [*(boss.get(one).status_code for one in (door, page, memory)), *named, linked]

    assert seen() == [302, 200, 200, True, True, True]
    answer = browser_of(town.employee).post(
        reverse("visibility", args=[incident.pk]), {"do": "manager", "may_manager_see": "no"}
    )
    assert answer.status_code == 302
    assert seen() == [404, 404, 404, False, False, False]


# (d) Team of 6, one report, monthly overview, then a late report back-dated to last month.


def test_a_late_report_of_a_small_team(town: Place):
    """What was fixed stays, and management reads the team nowhere; the adviser, who reads exact figures, does."""
    Department.objects.create(organisation=town.organisation, name="De rest", headcount=400)
    Department.objects.filter(pk=town.department.pk).update(headcount=6, name="Receptie")
    in_october = datetime(2026, 10, 14, 9, 0, tzinfo=UTC)
    make_incident(town, at=in_october)
    release(organisation=town.organisation, period=Period.parse("2026-10"), now=clock.now())
    before = fixed_of_october(town)
    late = make_incident(town, ago=clock.now() - in_october)
    assert late.occurred_at == in_october
    clock.set_to(datetime(2026, 12, 1, 9, 0, tzinfo=UTC))
    release(organisation=town.organisation, period=Period.parse("2026-11"), now=clock.now())
    assert fixed_of_october(town) == before
    for month, number in (("2026-10", 1), ("2026-11", 1)):
        assert of_the_team(town, town.management, month) == []
        assert of_the_team(town, town.adviser, month, exact="1") == [number]


def fixed_of_october(town: Place) -> tuple[str, str]:
    """What was fixed, and what management reads of it."""
    page = browser_of(town.management).get(reverse("overview", args=[town.organisation.slug, "2026-10"]))
    assert page.status_code == 200
    tables = "".join(re.findall(r"<td.*?</td>", page.content.decode(), flags=re.DOTALL))
    return Release.objects.get(organisation=town.organisation, kind="month", number=10).shown, tables


def of_the_team(town: Place, reader: User, month: str, **query: str) -> list[int]:
    """The numbers above nothing that this reader is told of the team."""
    page = browser_of(reader).get(reverse("overview", args=[town.organisation.slug, month]), query)
    lines = page.context["overview"].shown.tables["department"] or ()
    told = [line.told for line in lines if line.key == str(town.department.pk) and line.told]
    return [one.high for one in told if one.high]


# (e) Adviser ill, deputy for 10 days, daylight-saving change inside those days.


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """By the clock on the wall."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=AMSTERDAM).astimezone(UTC)


@pytest.mark.parametrize("first", [date(2026, 10, 20), date(2027, 3, 22)], ids=["goes back", "goes on"])
def test_a_deputy_for_ten_days_in_which_the_clock_changes(town: Place, first: date):
    last = first + timedelta(days=9)
    clock.set_to(at(first - timedelta(days=1), 10))
    town.organisation.memberships.filter(user=town.deputy).update(starts_on=first, ends_on=last)
    absent = {"starts_at": at(first, 0), "ends_at": at(last + timedelta(days=1), 0)}
    plan_absence(user=town.adviser, organisation=town.organisation, by=town.adviser, now=clock.now(), **absent)
    incident = make_incident(town)
    client, address = browser_of(town.deputy), reverse("case", args=[incident.pk])
    for day in (first + timedelta(days=number) for number in range(10)):
        for hour, minute in ((0, 0), (3, 30), (23, 59)):
            clock.set_to(at(day, hour, minute))
            assert client.get(address).status_code == 200, (day, hour)
    for moment in (at(first, 0) - timedelta(seconds=1), at(last + timedelta(days=1), 0)):
        clock.set_to(moment)
        assert client.get(address).status_code in {403, 404}


@pytest.mark.parametrize("first", [date(2026, 10, 20), date(2027, 3, 22)], ids=["goes back", "goes on"])
def test_what_comes_in_while_the_adviser_is_ill_reaches_the_deputy_in_time(town: Place, first: date):
    """Each step of each task once, in the deputy's hours by the clock on the wall, and nothing to the adviser."""
    clock.set_to(at(first - timedelta(days=1), 10))
    absent = {"starts_at": at(first, 0), "ends_at": at(first + timedelta(days=10), 0)}
    plan_absence(user=town.adviser, organisation=town.organisation, by=town.adviser, now=clock.now(), **absent)
    clock.set_to(at(first + timedelta(days=3), 10))
    incident = make_incident(town)
    sent: list[datetime] = []
    while clock.now() < at(first + timedelta(days=10), 0):
        before = len(mail.outbox)
        sweep(now=clock.now())
        new = [one for one in mail.outbox[before:] if incident.reference in one.body]
        assert town.adviser.email not in {address for one in new for address in one.to}
        sent += [clock.now() for one in new if one.to == [town.deputy.email]]
        clock.move(minutes=30)
    days = [moment.astimezone(AMSTERDAM) for moment in sent]
    assert len(days) >= 3 and len(set(days)) == len(days)
    assert {day.hour for day in days} <= set(range(7, 19))
    keys = list(incident.tasks.values_list("notices__task", "notices__step", "notices__due_at"))
    assert len(keys) == len(set(keys))
