"""Breaking the glass: a restricted case opened in need, for an hour, with everyone told (design of access, R7)."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from incidents.actions.assignment import assign_case
from incidents.actions.exclusions import keep_out
from incidents.actions.glass import JudgedAlready, NobodyLooks, NotShut, NotYourOwn, break_glass, judge_opening
from incidents.actions.own_tasks import WantedTask, add_own_task
from incidents.actions.refusals import ReasonNeeded
from incidents.actions.reminders.sweep import sweep
from incidents.actions.restricting import StaysShut, restrict
from incidents.actions.tasks import hand_over_task
from incidents.models import Alarm, CaseOpening, Incident
from incidents.vocabulary import AlarmKind, TimelineKind
from tests import clock
from tests.world import Place, make_incident, open_task
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import Role
from vpdportal.audit.models import AuditEvent

WHY = "De behandelaar is onbereikbaar en er is nu een dreiging."


@pytest.fixture
def incident(town: Place) -> Incident:
    """Restricted; town.adviser handles it, and the deputy is out of it."""
    made = make_incident(town, story="Bijzonder verhaal.")
    restrict(incident=made, by=town.adviser, now=clock.now(), reason="Gaat over een collega.")
    made.refresh_from_db()
    return made


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["vpd_language"] = "en"
    return client


def post(user: User, incident: Incident, reason: str = WHY) -> Any:
    return browser(user).post(reverse("restricted_open", args=[incident.pk]), {"reason": reason})


def status(user: User, name: str, *args: Any) -> int:
    return int(browser(user).get(reverse(name, args=args)).status_code)


def opened(town: Place, incident: Incident) -> CaseOpening:
    return break_glass(incident=incident, reason=WHY, by=town.deputy, now=clock.now())


def test_the_list_says_the_number_and_since_when_and_nothing_else(town: Place, incident: Incident):
    page = browser(town.deputy).get(reverse("restricted_cases")).content.decode()
    assert incident.reference in page and "Open in need" in page
    assert "verbal" not in page.lower() and incident.department.name not in page and town.employee.name not in page
    own = browser(town.adviser).get(reverse("restricted_cases")).content.decode()
    assert incident.reference not in own


def test_for_an_hour_and_then_it_closes_by_itself(town: Place, incident: Incident):
    assert status(town.deputy, "case", incident.pk) == 404
    assert post(town.deputy, incident)["Location"] == reverse("case", args=[incident.pk])
    clock.move(minutes=12)
    page = browser(town.deputy).get(reverse("case", args=[incident.pk]))
    assert page.status_code == 200 and "Opened in need." in page.content.decode()
    assert "48" in page.content.decode().split("Opened in need.")[1][:400]
    clock.move(minutes=47)
    assert status(town.deputy, "case_timeline", incident.pk) == 200
    clock.move(minutes=1)
    assert status(town.deputy, "case", incident.pk) == 404
    assert "Opened in need." not in browser(town.adviser).get(reverse("case", args=[incident.pk])).content.decode()


PAGES = ("case", "case_timeline", "case_facts_edit", "case_visibility", "case_restriction", "case_keeping")


@pytest.mark.parametrize("name", PAGES)
def test_each_page_of_the_case_says_that_it_is_open_in_need(town: Place, incident: Incident, name: str):
    opened(town, incident)
    page = browser(town.deputy).get(reverse(name, args=[incident.pk])).content.decode()
    assert page.count("Opened in need.") == 1
    assert "Opened in need." not in browser(town.adviser).get(reverse(name, args=[incident.pk])).content.decode()
    assert "Opened in need." not in browser(town.deputy).get(reverse("restricted_cases")).content.decode()


def test_the_way_back_into_what_is_open_to_oneself(town: Place, incident: Incident):
    opened(town, incident)
    for user, is_there in ((town.deputy, True), (town.adviser, False)):
        page = browser(user).get(reverse("restricted_cases")).content.decode()
        assert ("Go on in this case" in page) is is_there
    clock.move(minutes=60)
    assert "Go on in this case" not in browser(town.deputy).get(reverse("restricted_cases")).content.decode()


@pytest.mark.parametrize("reason", ["", "   ", "nodig", "x" * 14])
def test_it_asks_a_reason_that_says_something(town: Place, incident: Incident, reason: str):
    response = post(town.deputy, incident, reason)
    assert response.status_code == 400 and not CaseOpening.objects.exists()
    with pytest.raises(ReasonNeeded):
        break_glass(incident=incident, reason=reason, by=town.deputy, now=clock.now())
    assert post(town.deputy, incident, "x" * 15).status_code == 302


def test_the_reason_stands_sealed_and_nowhere_else(town: Place, incident: Incident):
    opening = opened(town, incident)
    assert CaseOpening.objects.get(pk=opening.pk).reason == WHY
    rows = AuditEvent.objects.filter(action="incident.opened_in_need")
    assert [(row.actor_id, row.fields) for row in rows] == [(town.deputy.pk, [])]
    assert incident.timeline.filter(kind=TimelineKind.OPENED_IN_NEED, by=town.deputy).count() == 1


def test_a_second_click_opens_nothing_twice(town: Place, incident: Incident):
    first = opened(town, incident)
    clock.move(minutes=5)
    assert opened(town, incident) == first and CaseOpening.objects.count() == 1


def test_officer_and_advisers_hear_of_it_at_once_also_at_night(town: Place, incident: Incident):
    sweep(now=clock.now())
    mail.outbox.clear()
    clock.move(hours=(26 - clock.now().hour) % 24)  # in the quiet hours
    opened(town, incident)
    sweep(now=clock.now())
    about = [one for one in mail.outbox if reverse("restricted_cases") in one.body]
    assert {one.to[0] for one in about} == {town.adviser.email, town.auditor.email}
    assert all(incident.reference not in one.body and WHY not in one.body for one in about)
    mail.outbox.clear()
    clock.move(hours=2)
    opened(town, incident)  # once more on the same day: they hear again
    sweep(now=clock.now())
    assert {one.to[0] for one in mail.outbox} >= {town.adviser.email, town.auditor.email}


def test_who_is_kept_out_hears_nothing_and_opens_nothing(town: Place, incident: Incident):
    keep_out(incident=incident, person=town.auditor, by=town.employee, now=clock.now())
    opened(town, incident)
    assert set(Alarm.objects.filter(kind=AlarmKind.GLASS_BROKEN).values_list("recipient", flat=True)) == {
        town.adviser.pk
    }
    assert (
        incident.reference
        not in browser(town.auditor).get(reverse("openings", args=[town.organisation.slug])).content.decode()
    )


def test_an_exclusion_is_above_it(town: Place, incident: Incident):
    town.join(town.management, Role.DEPUTY)
    assert status(town.management, "restricted_open", incident.pk) == 200
    keep_out(incident=incident, person=town.management, by=town.employee, now=clock.now())
    assert status(town.management, "restricted_open", incident.pk) == 404
    assert post(town.management, incident).status_code == 404
    assert incident.reference not in browser(town.management).get(reverse("restricted_cases")).content.decode()
    with pytest.raises(NotShut):
        break_glass(incident=incident, reason=WHY, by=town.management, now=clock.now())


def test_an_exclusion_during_the_hour_shuts_it(town: Place, incident: Incident):
    town.join(town.management, Role.DEPUTY)
    break_glass(incident=incident, reason=WHY, by=town.management, now=clock.now())
    assert status(town.management, "case", incident.pk) == 200
    keep_out(incident=incident, person=town.management, by=town.employee, now=clock.now())
    assert status(town.management, "case", incident.pk) == 404


@pytest.mark.parametrize(
    ("role", "expected"),
    [("deputy", 200), ("support", 403), ("manager", 403), ("administrator", 403), ("auditor", 403)],
)
def test_it_is_for_the_desk_of_the_organisation(town: Place, incident: Incident, role: str, expected: int):
    assert status(getattr(town, role), "restricted_open", incident.pk) == expected


def test_not_for_another_organisation_nor_a_stranger(incident: Incident, other_town: Place):
    assert status(other_town.adviser, "restricted_open", incident.pk) == 404
    with pytest.raises(NotShut):
        break_glass(incident=incident, reason=WHY, by=other_town.adviser, now=clock.now())
    page = Client().get(reverse("restricted_open", args=[incident.pk]))
    assert incident.reference not in page.content.decode() and not CaseOpening.objects.exists()


def test_a_case_that_is_not_restricted_is_no_glass(town: Place):
    plain = make_incident(town)
    with pytest.raises(NotShut):
        opened(town, plain)
    assert browser(town.deputy).get(reverse("restricted_open", args=[plain.pk]))["Location"] == reverse(
        "case", args=[plain.pk]
    )


def test_nothing_is_opened_where_nobody_would_look(town: Place, incident: Incident):
    town.organisation.memberships.filter(role__in=(Role.AUDITOR, Role.ADVISER)).delete()
    Incident.objects.filter(pk=incident.pk).update(adviser=None)
    town.join(town.legal, Role.DEPUTY)  # stands in, so the case is somebody's
    who = next(one for one in (town.deputy, town.legal) if status(one, "case", incident.pk) == 404)
    with pytest.raises(NobodyLooks):
        break_glass(incident=incident, reason=WHY, by=who, now=clock.now())


def test_it_gives_nobody_a_lasting_part(town: Place, incident: Incident):
    opened(town, incident)
    told = {"by": town.deputy, "now": clock.now()}
    with pytest.raises(StaysShut):
        assign_case(incident=incident, to=town.deputy, moves_tasks=True, **told)
    with pytest.raises(StaysShut):
        hand_over_task(task=open_task(incident, "N02"), to=town.deputy, **told)
    wanted = WantedTask("Bel terug.", town.deputy, clock.now() + timedelta(days=1))
    with pytest.raises(StaysShut):
        add_own_task(incident=incident, wanted=wanted, **told)
    add_own_task(incident=incident, wanted=wanted, by=town.adviser, now=clock.now())
    assert status(town.deputy, "case", incident.pk) == 200


def test_the_officer_reads_the_reason_and_judges(town: Place, incident: Incident):
    opening = opened(town, incident)
    slug = town.organisation.slug
    assert incident.reference in browser(town.auditor).get(reverse("openings", args=[slug])).content.decode()
    address = reverse("opening", args=[slug, opening.pk])
    assert WHY in browser(town.auditor).get(address).content.decode()
    assert browser(town.auditor).post(address, {"verdict": "yes", "words": ""}).status_code == 400
    said = {"verdict": "no", "words": "De behandelaar was wel te bereiken."}
    assert browser(town.auditor).post(address, said).status_code == 302
    opening.refresh_from_db()
    assert (opening.was_in_order, opening.judged_by, opening.judgement) == (False, town.auditor, said["words"])
    assert browser(town.auditor).post(address, said).status_code == 409
    assert AuditEvent.objects.get(action="opening.judged").fields == ["not_in_order"]
    with pytest.raises(JudgedAlready):
        judge_opening(opening=opening, is_in_order=True, words="Toch goed.", by=town.auditor, now=clock.now())


def test_nobody_judges_what_they_opened_themselves(town: Place, incident: Incident):
    with pytest.raises(NotYourOwn):
        judge_opening(opening=opened(town, incident), is_in_order=True, words="Prima.", by=town.deputy, now=clock.now())


def test_openings_are_for_the_officer_of_the_organisation(town: Place, other_town: Place, incident: Incident):
    where = ("opening", town.organisation.slug, opened(town, incident).pk)
    assert status(town.auditor, *where) == 200
    assert status(town.adviser, *where) == 403
    assert status(other_town.auditor, *where) == 404
    assert browser(town.auditor).get(reverse("restricted_cases"))["Location"] == reverse(
        "openings", args=[town.organisation.slug]
    )


def test_the_reporter_reads_that_it_was_opened_in_need(town: Place, incident: Incident):
    address = reverse("who_looked", args=[incident.pk])
    assert "opened in need" not in browser(town.employee).get(address).content.decode()
    opened(town, incident)
    page = browser(town.employee).get(address).content.decode()
    assert "opened in need" in page and "Deputy VPD adviser" in page and town.deputy.name not in page


def test_few_queries_whatever_the_number(town: Place, incident: Incident, django_assert_num_queries: Any):
    clients = {name: browser(getattr(town, name)) for name in ("deputy", "auditor")}
    pages = (("deputy", reverse("restricted_cases")), ("auditor", reverse("openings", args=[town.organisation.slug])))
    opened(town, incident)
    clock.move(hours=2)
    for _number in range(2):
        counts = []
        for who, address in pages:
            with django_assert_num_queries(QUERIES[who]):
                counts.append(clients[who].get(address).status_code)
        assert counts == [200, 200]
        for _more in range(3):
            other = make_incident(town)
            restrict(incident=other, by=town.adviser, now=clock.now(), reason="Gaat over een collega.")
            opened(town, other)
        clock.move(hours=2)


QUERIES = {"deputy": 5, "auditor": 7}
