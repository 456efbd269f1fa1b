"""Two reports about the same event: joined, told, counted once, and taken apart again without a trace."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from incidents.actions.closing import close_case
from incidents.actions.exclusions import keep_out, let_in_again
from incidents.actions.merging import (
    HasOthersInIt,
    HasReactions,
    NearMissGoesOn,
    NobodyForBoth,
    NotJoined,
    NotOpen,
    NotToBeJoined,
    PartyKeptOut,
    merge_cases,
    unmerge_case,
)
from incidents.actions.people import ask_witness
from incidents.actions.refusals import Refused
from incidents.actions.reminders.sweep import sweep
from incidents.actions.tasks import decline_task, finish_task, hand_over_task
from incidents.models import Exclusion, Incident, News, Notice, Person, Reaction, Statement, Task, TimelineEntry
from incidents.overview.counting import count_month
from incidents.overview.periods import Period
from incidents.vocabulary import ReportKind
from tests import clock
from tests.world import Place, make_incident, make_user, open_task
from vpdportal.accounts.models import Membership, User
from vpdportal.accounts.roles import Role

CANARY = "kanarie-van-een-ander"
OUTCOME = "Wij spraken met hem, en hij kreeg een brief."


@pytest.fixture
def desk(town: Place, as_user: Any) -> Client:
    client: Client = as_user(town.adviser)
    client.cookies["vpd_language"] = "en"
    return client


@pytest.fixture
def two(town: Place) -> tuple[Incident, Incident]:
    """Of which the first goes on; each reported by someone else."""
    return make_incident(town, story=CANARY), make_incident(town, by=town.legal, story="Ik zag hetzelfde.")


def fresh(incident: Incident) -> Incident:
    found: Incident = Incident.objects.get(pk=incident.pk)
    return found


def merge(joined: Incident, main: Incident, by: User) -> Incident:
    return merge_cases(incident=joined, into=main, by=by, now=clock.now())


def tasks_of(*cases: Incident) -> list[Any]:
    rows = Task.objects.filter(incident__in=cases).order_by("pk")
    plain = rows.values_list("pk", "status", "due_at", "assignee", "assigned_at", "finished_at", "finished_by")
    return [(*row, task.reason) for row, task in zip(plain, rows, strict=True)]


def figures(town: Place) -> Any:
    return count_month(town.organisation, Period.parse("2026-11"))


def end_all(incident: Incident, by: User) -> None:
    for task in Task.objects.filter(incident=incident, status="open"):
        decline_task(task=task, reason="Niet nodig.", by=by, now=clock.now())


# --- joining ----------------------------------------------------------------------------------------------------------


def test_joining_from_the_page(town: Place, desk: Client, two: Any):
    main, joined = two
    address = reverse("case_merge", args=[main.pk, joined.pk])
    shown = desk.get(address).content.decode()
    assert CANARY in shown and "Ik zag hetzelfde." in shown
    assert desk.post(address, {"goes_on": str(main.pk)}).status_code == 400, "without the tick"
    assert desk.post(address, {"goes_on": str(town.adviser.pk), "is_sure": "on"}).status_code == 400
    assert fresh(joined).status == "received"
    response = desk.post(address, {"goes_on": str(main.pk), "is_sure": "on"})
    assert response["Location"] == reverse("case_links", args=[main.pk])
    after = fresh(joined)
    assert (after.status, after.merged_into, after.merged_at, after.merged_by) == (
        "merged", main, clock.now(), town.adviser
    )  # fmt: skip
    assert fresh(main).status == "received" and not Task.objects.filter(incident=joined, status="open").exists()
    assert Task.objects.filter(incident=main, status="open").exists()
    assert not Notice.objects.filter(task__incident=joined, mail=None, cancelled_at=None).exists()
    page = desk.get(reverse("case_links", args=[main.pk])).content.decode()
    assert "Ik zag hetzelfde." in page and town.legal.name in page
    other = desk.get(reverse("case_links", args=[joined.pk])).content.decode()
    assert main.reference in other
    for case in two:
        assert TimelineEntry.objects.filter(incident=case, kind="merged", by=town.adviser).count() == 1
        assert desk.get(reverse("case", args=[case.pk])).status_code == 200, "it stays to be read"
    assert desk.post(reverse("case_note", args=[joined.pk]), {"text": "x"}).status_code == 409


def test_the_other_one_goes_on_when_that_is_chosen(desk: Client, two: Any):
    first, second = two
    desk.post(reverse("case_merge", args=[first.pk, second.pk]), {"goes_on": str(second.pk), "is_sure": "on"})
    assert fresh(first).merged_into == second and fresh(second).merged_into is None


def test_what_cannot_be_joined(town: Place, other_town: Place, two: Any):
    main, joined = two
    third, elsewhere = make_incident(town), make_incident(other_town)
    for refusal, one, into in ((NotToBeJoined, main, main), (NotToBeJoined, elsewhere, main)):
        with pytest.raises(refusal):
            merge(one, into, town.adviser)
    merge(joined, main, town.adviser)
    for refusal, one, into in (
        (NotOpen, joined, third),  # a second time
        (NotOpen, third, joined),  # into what was joined
        (NotOpen, main, joined),
        (HasOthersInIt, main, third),
    ):
        with pytest.raises(refusal):
            merge(one, into, town.adviser)
    merge(third, main, town.adviser)
    assert fresh(main).merged_from.count() == 2, "several may join one"
    closed, last = make_incident(town), make_incident(town)
    end_all(closed, town.adviser)
    close_case(incident=closed, outcome=OUTCOME, by=town.adviser, now=clock.now())
    for one, into in ((closed, last), (last, closed)):
        with pytest.raises(NotOpen):
            merge(one, into, town.adviser)


def test_an_incident_does_not_vanish_in_a_near_miss(town: Place, two: Any):
    incident, _other = two
    near = make_incident(town, kind=ReportKind.NEAR_MISS)
    with pytest.raises(NearMissGoesOn):
        merge(incident, near, town.adviser)
    assert merge(near, incident, town.adviser).merged_into == incident


@pytest.mark.parametrize(("status", "is_refused"), [("draft", False), ("proposed", True), ("withdrawn", False)])
def test_a_measure_that_waits_keeps_its_case_going(town: Place, two: Any, status: str, is_refused: bool):
    main, joined = two
    person = Person.objects.create(organisation=town.organisation, created_at=clock.now(), created_by=town.adviser)
    Reaction.objects.create(
        organisation=town.organisation, incident=joined, person=person, kind="warning", status=status,
        conduct_on=clock.now().date(), hearing="later", drafted_at=clock.now(), drafted_by=town.adviser,
    )  # fmt: skip
    if is_refused:
        with pytest.raises(HasReactions):
            merge(joined, main, town.adviser)
    merge(main if is_refused else joined, joined if is_refused else main, town.adviser)


def test_a_refusal_shows_on_the_page_and_changes_nothing(town: Place, desk: Client, two: Any):
    main, joined = two
    address = reverse("case_merge", args=[main.pk, joined.pk])
    keep_out(incident=main, person=town.legal, by=town.employee, now=clock.now())
    before = tasks_of(*two)
    response = desk.post(address, {"goes_on": str(main.pk), "is_sure": "on"})
    assert response.status_code == 409 and "must not see the other one" in response.content.decode()
    assert tasks_of(*two) == before and fresh(joined).status == "received"
    Exclusion.objects.all().delete()
    assert desk.post(address, {"goes_on": str(main.pk), "is_sure": "on"}).status_code == 302


# --- who must not see it ----------------------------------------------------------------------------------------------


def test_who_is_kept_out_of_one_is_kept_out_of_both(town: Place, as_user: Any, two: Any):
    main, joined = two
    boss = town.manager
    town.join(boss, Role.DEPUTY)
    hand_over_task(task=open_task(main, "N02"), to=boss, by=town.adviser, now=clock.now())
    keep_out(incident=joined, person=boss, by=town.legal, now=clock.now())
    client = as_user(boss)
    assert client.get(reverse("case", args=[main.pk])).status_code == 200
    merge(joined, main, town.adviser)
    for case in two:
        assert client.get(reverse("case", args=[case.pk])).status_code == 404
        assert client.get(reverse("case_links", args=[case.pk])).status_code == 404
    assert open_task(main, "N02").assignee == town.adviser, "what that person had to do goes to someone else"
    unmerge_case(incident=joined, by=town.adviser, now=clock.now())
    assert Exclusion.objects.filter(user=boss).count() == 2, "and stays so"


@pytest.mark.parametrize("goes", ["main", "joined"])
def test_from_then_on_too(town: Place, as_user: Any, two: Any, goes: str):
    main, joined = two
    merge(joined, main, town.adviser)
    case, party = (main, town.employee) if goes == "main" else (joined, town.legal)
    keep_out(incident=case, person=town.deputy, by=party, now=clock.now())
    assert set(Exclusion.objects.filter(user=town.deputy).values_list("incident", flat=True)) == {main.pk, joined.pk}
    with pytest.raises(Refused):  # a party of the one cannot be kept out of the other either
        keep_out(incident=main, person=town.legal, by=town.employee, now=clock.now())
    unmerge_case(incident=joined, by=town.adviser, now=clock.now())
    keep_out(incident=main, person=town.legal, by=town.employee, now=clock.now())


def test_someone_who_left_is_kept_out_of_both_too(town: Place, two: Any):
    main, joined = two
    left = make_user()
    membership = town.join(left, Role.DEPUTY)
    keep_out(incident=joined, person=left, by=town.legal, now=clock.now())
    Membership.objects.filter(pk=membership.pk).update(ends_on="2021-01-01")
    merge(joined, main, town.adviser)
    assert Exclusion.objects.filter(incident=main, user=left).exists()


def test_parties_and_the_last_who_could_act_stop_it(town: Place, two: Any):
    main, joined = two
    keep_out(incident=joined, person=town.employee, by=town.legal, now=clock.now())
    with pytest.raises(PartyKeptOut):
        merge(joined, main, town.adviser)
    Exclusion.objects.all().delete()
    keep_out(incident=joined, person=town.adviser, by=town.legal, now=clock.now())
    keep_out(incident=main, person=town.deputy, by=town.employee, now=clock.now())
    both = make_user("Ziet Beide")
    with pytest.raises(NobodyForBoth):
        merge(joined, main, both)
    assert fresh(joined).status == "received" and Exclusion.objects.count() == 2
    town.join(both, Role.DEPUTY)
    merge(joined, main, both)


# --- what reporters read ----------------------------------------------------------------------------------------------


def test_the_reporter_keeps_the_own_page_and_sees_nothing_of_the_other(town: Place, as_user: Any, two: Any):
    main, joined = two
    Statement.objects.create(
        organisation=town.organisation, incident=main, at=clock.now(), by=town.employee, given_as="reporter",
        form_key=main.pk, text=CANARY,
    )  # fmt: skip
    client = as_user(town.legal)
    client.cookies["vpd_language"] = "en"
    address = reverse("report_status", args=[joined.pk])
    assert "Add something" in client.get(address).content.decode()
    merge(joined, main, town.adviser)
    pages = [client.get(reverse(name, args=[joined.pk])) for name in ("report_status", "messages", "helped", "reopen",
                                                                     "report_add")]  # fmt: skip
    for shown in pages:
        text = shown.content.decode()
        assert shown.status_code == 200
        assert all(word not in text for word in (CANARY, main.reference, town.employee.name, str(main.pk)))
    status = pages[0].content.decode()
    assert "Handled together with another report" in status and "Ik zag hetzelfde." in status
    assert reverse("helped", args=[joined.pk]) not in status and reverse("reopen", args=[joined.pk]) not in status
    for name, data in (("helped", {"helped": "no"}), ("reopen", {"reason": "x", "form_key": str(main.pk)})):
        assert client.post(reverse(name, args=[joined.pk]), data).status_code == 409
    assert fresh(joined).status == "merged" and fresh(joined).was_helped == ""
    sent = {"text": "Nog iets.", "form_key": str(joined.pk)}
    assert client.post(reverse("messages", args=[joined.pk]), sent).status_code == 302, "writing stays possible"
    assert client.get(reverse("report_status", args=[main.pk])).status_code == 404
    theirs = as_user(town.employee).get(reverse("report_status", args=[main.pk])).content.decode()
    assert "Ik zag hetzelfde." not in theirs and joined.reference not in theirs and town.legal.name not in theirs


def test_what_was_done_is_told_to_both(town: Place, as_user: Any, two: Any, mailoutbox: list[Any]):
    main, joined = two
    client = as_user(town.legal)
    address = reverse("report_status", args=[joined.pk])
    merge(joined, main, town.adviser)
    end_all(main, town.adviser)
    News.objects.all().delete()
    Notice.objects.all().delete()
    close_case(incident=main, outcome=OUTCOME, by=town.adviser, now=clock.now())
    told = News.objects.filter(kind="closed").values_list("incident", "recipient")
    assert set(told) == {(main.pk, town.employee.pk), (joined.pk, town.legal.pk)}
    sweep(now=clock.now())
    to_joined = next(message for message in mailoutbox if message.to == [town.legal.email])
    assert joined.reference in to_joined.body and main.reference not in to_joined.body
    assert OUTCOME in client.get(address).content.decode()
    clock.move(days=1)
    as_user(town.adviser).post(reverse("case_reopen", args=[main.pk]), {"reopen_reason": "Nog wat."})
    assert OUTCOME not in client.get(address).content.decode(), "it is being worked on again"
    assert News.objects.filter(kind="reopened", recipient=town.legal, incident=joined).exists()


def test_the_person_hit_reads_how_it_ended_and_who_has_a_receipt_does_not(town: Place, as_user: Any, two: Any):
    main, _other = two
    joined = make_incident(town, by=town.legal, affected=town.support, reporter_is="colleague", affected_name="Iemand")
    merge(joined, main, town.adviser)
    end_all(main, town.adviser)
    close_case(incident=main, outcome=OUTCOME, by=town.adviser, now=clock.now())
    address = reverse("report_status", args=[joined.pk])
    assert OUTCOME in as_user(town.support).get(address).content.decode()
    assert OUTCOME not in as_user(town.legal).get(address).content.decode()


# --- counting, and taking apart ---------------------------------------------------------------------------------------


def test_it_counts_once_and_undo_leaves_every_row_as_it_was(town: Place, desk: Client):
    cases = [make_incident(town, behaviours=("threat",), offence_suspected=True) for _number in range(7)]
    main, joined = cases[:2]
    finish_task(task=open_task(joined, "R03"), by=town.adviser, now=clock.now())
    decline_task(task=open_task(joined, "R01"), reason="Niet nodig.", by=town.adviser, now=clock.now())
    hand_over_task(task=open_task(joined, "N02"), to=town.support, by=town.adviser, now=clock.now())
    before, counted, notices = tasks_of(*cases), figures(town), waiting(joined)
    tasks = Task.objects.filter(organisation=town.organisation)
    open_before = tasks.unfinished().count()
    assert counted.numbers["reports"] == 7
    clock.move(minutes=0)  # the same moment as what was declined by hand
    merge(joined, main, town.adviser)
    joined_now = figures(town)
    assert joined_now.numbers["reports"] == 6 == sum(joined_now.tables["behaviour"].values())
    assert tasks.unfinished().count() < open_before
    assert tasks_of(main) == [row for row in before if row in tasks_of(main)]
    response = desk.post(reverse("case_unmerge", args=[joined.pk]))
    assert response["Location"] == reverse("case_links", args=[joined.pk])
    assert tasks_of(*cases) == before and figures(town) == counted and waiting(joined) == notices
    after = fresh(joined)
    assert (after.status, after.merged_into, after.merged_at, after.merged_by) == ("in_progress", None, None, None)
    for case in (main, joined):
        assert TimelineEntry.objects.filter(incident=case, kind="unmerged").count() == 1
    assert desk.post(reverse("case_unmerge", args=[joined.pk])).status_code == 409
    with pytest.raises(NotJoined):
        unmerge_case(incident=main, by=town.adviser, now=clock.now())
    merge(joined, main, town.adviser)
    unmerge_case(incident=joined, by=town.adviser, now=clock.now())
    assert tasks_of(*cases) == before


def waiting(incident: Incident) -> set[Any]:
    rows = Notice.objects.filter(task__incident=incident, mail=None, cancelled_at=None)
    return set(rows.values_list("task", "step", "day", "recipient"))


def test_what_nobody_had_begun_is_new_again(town: Place, two: Any):
    main, joined = two
    merge(joined, main, town.adviser)
    clock.move(days=1)
    assert unmerge_case(incident=joined, by=town.deputy, now=clock.now()).status == "received"


def test_a_task_does_not_come_back_to_who_may_not_have_it_any_more(town: Place, two: Any):
    main, joined = two
    hand_over_task(task=open_task(joined, "N02"), to=town.support, by=town.adviser, now=clock.now())
    hand_over_task(task=open_task(joined, "R01"), to=town.deputy, by=town.adviser, now=clock.now())
    merge(joined, main, town.adviser)
    keep_out(incident=main, person=town.support, by=town.employee, now=clock.now())
    unmerge_case(incident=joined, by=town.adviser, now=clock.now())
    assert open_task(joined, "N02").assignee == town.adviser
    assert open_task(joined, "R01").assignee == town.deputy


def test_a_joined_report_is_no_report_of_the_team_any_more(town: Place, two: Any):
    main, joined = two
    merge(joined, main, town.adviser)
    assert make_incident(town).facts.reports_in_team_90d == 2
    unmerge_case(incident=joined, by=town.adviser, now=clock.now())
    assert make_incident(town).facts.reports_in_team_90d == 4


def test_two_who_join_them_both_ways_at_once_join_them_once(committed: None, town: Place):
    first, second = make_incident(town), make_incident(town)

    def try_it(number: int) -> str:
        one, into = (first, second) if number % 2 else (second, first)
        try:
            merge(one, into, town.adviser)
        except NotOpen:
            return "refused"
        finally:
            connection.close()
        return "joined"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(try_it, range(4))) == ["joined", "refused", "refused", "refused"]
    assert Incident.objects.filter(status="merged").count() == 1
    assert TimelineEntry.objects.filter(kind="merged").count() == 2


@pytest.mark.parametrize("number", [1, 3])
def test_laying_them_side_by_side_asks_the_same(
    town: Place, desk: Client, two: Any, number: int, django_assert_num_queries: Any
):
    for _one in range(number):
        make_incident(town)
    address = reverse("case_merge", args=[case.pk for case in two])
    desk.get(address)
    with django_assert_num_queries(12):
        assert desk.get(address).status_code == 200


def test_letting_in_again_is_for_the_joined_reports_too(town: Place):
    town.join(deputy := make_user("Dik Trom"), Role.DEPUTY)
    main, joined, apart = (make_incident(town) for _number in range(3))
    keep_out(incident=apart, person=deputy, by=town.adviser, now=clock.now(), reason="Om iets anders.")
    clock.move(minutes=5)
    merge_cases(incident=joined, into=main, by=town.adviser, now=clock.now())
    keep_out(incident=main, person=deputy, by=town.adviser, now=clock.now(), reason="Hij is familie.")
    merge_cases(incident=apart, into=main, by=town.adviser, now=clock.now())
    assert Exclusion.objects.filter(user=deputy).count() == 3
    let_in_again(incident=main, person=deputy, by=town.adviser, now=clock.now(), reason="Toch niet.")
    left = Exclusion.objects.get(user=deputy)
    assert left.incident == apart, "what was decided there by itself stays"


def test_a_witness_of_a_joined_report_is_not_told_that_nothing_is_needed(town: Place, as_user: Any):
    town.join(second := make_user("Piet Puk"), Role.EMPLOYEE, town.department)
    town.join(seen := make_user("Wil Zag"), Role.EMPLOYEE, town.department)
    main, joined = make_incident(town), make_incident(town, by=second)
    ask_witness(incident=joined, email=seen.email, by=town.adviser, now=clock.now())
    merge_cases(incident=joined, into=main, by=town.adviser, now=clock.now())
    client = as_user(seen)
    client.cookies["vpd_language"] = "en"
    page = client.get(reverse("witness", args=[joined.pk])).content.decode()
    assert "Nothing more is needed" not in page and reverse("messages", args=[joined.pk]) in page
    assert "another report of the same event" in page
