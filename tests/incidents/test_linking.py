"""Cases that have to do with each other: linking, taking the link away, and what is suggested."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from incidents.actions.exclusions import keep_out
from incidents.actions.linking import NoSuchCase, link_cases
from incidents.models import CaseLink, Incident, Involvement, Location, Person, TimelineEntry
from incidents.vocabulary import LinkKind
from tests import clock
from tests.world import Place, make_incident
from vpdportal.accounts.models import Department, User
from vpdportal.audit.models import AuditEvent


@pytest.fixture
def desk(town: Place, as_user: Any) -> Client:
    client: Client = as_user(town.adviser)
    client.cookies["vpd_language"] = "en"
    return client


def page(client: Client, incident: Incident) -> str:
    return client.get(reverse("case_links", args=[incident.pk])).content.decode()


def link(client: Client, incident: Incident, number: str, kind: str = "related") -> Any:
    return client.post(reverse("case_link", args=[incident.pk]), {"number": number, "kind": kind})


def apart(town: Place, **facts: Any) -> Incident:
    """A report that looks like no other one here."""
    other = Department.objects.create(organisation=town.organisation, name=f"Elders {Incident.objects.count()}")
    return make_incident(town, department=other, **facts)


def test_a_link_shows_at_both_and_says_what_follows_from_what(town: Place, desk: Client):
    first, second = apart(town), apart(town)
    assert link(desk, first, f" {second.reference.lower()} ", "follows").status_code == 302
    made = CaseLink.objects.get()
    assert (made.one, made.other, made.kind, made.by) == (first, second, "follows", town.adviser)
    here, there = page(desk, first), page(desk, second)
    assert second.reference in here and "it follows from this case" in here
    assert first.reference in there and "this case follows from it" in there
    assert TimelineEntry.objects.filter(kind="linked").count() == 2
    logged = AuditEvent.objects.filter(action="incident.linked").values_list("fields", flat=True)
    assert sorted(map(sorted, logged)) == sorted(
        [sorted(["follows", str(second.pk)]), sorted(["follows", str(first.pk)])]
    )


def test_a_link_is_made_once_in_either_direction(town: Place, desk: Client):
    first, second = apart(town), apart(town)
    assert link(desk, first, second.reference).status_code == 302
    for one, other in ((first, second), (second, first), (first, first)):
        response = link(desk, one, other.reference)
        assert response.status_code == 409 and other.reference in response.content.decode()
    assert CaseLink.objects.count() == 1


@pytest.mark.parametrize("data", [{}, {"number": "", "kind": "related"}, {"number": "VW-1", "kind": "x"}])
def test_a_wrong_form_comes_back(town: Place, desk: Client, data: dict[str, str]):
    incident = apart(town)
    assert desk.post(reverse("case_link", args=[incident.pk]), data).status_code == 400
    assert not CaseLink.objects.exists()


def test_a_number_that_is_not_here_a_hidden_one_and_one_of_elsewhere_are_the_same(
    town: Place, other_town: Place, desk: Client
):
    incident, hidden, elsewhere = apart(town), apart(town), make_incident(other_town)
    assert link(desk, incident, hidden.reference).status_code == 302
    CaseLink.objects.all().delete()
    keep_out(incident=hidden, person=town.adviser, by=town.employee, now=clock.now())
    answers = {number: link(desk, incident, number) for number in (hidden.reference, elsewhere.reference, "VW-NIETS")}
    assert {answer.status_code for answer in answers.values()} == {409}
    assert len({str(answer.context["form"].errors) for answer in answers.values()}) == 1
    assert not CaseLink.objects.exists()


def test_the_action_links_nothing_hidden_or_elsewhere_either(town: Place, other_town: Place):
    incident, hidden, elsewhere = apart(town), apart(town), make_incident(other_town)
    keep_out(incident=hidden, person=town.adviser, by=town.employee, now=clock.now())
    for one, other in ((incident, hidden), (hidden, incident), (incident, elsewhere)):
        with pytest.raises(NoSuchCase):
            link_cases(incident=one, other=other, kind=LinkKind.RELATED, by=town.adviser, now=clock.now())
    link_cases(incident=incident, other=hidden, kind=LinkKind.RELATED, by=town.deputy, now=clock.now())


def test_a_hidden_case_shows_neither_as_link_nor_as_suggestion(town: Place, desk: Client, as_user: Any):
    incident, linked, alike = apart(town), apart(town), None
    alike = make_incident(town, department=incident.department)
    link_cases(incident=incident, other=linked, kind=LinkKind.RELATED, by=town.deputy, now=clock.now())
    shown = page(desk, incident)
    assert linked.reference in shown and alike.reference in shown
    for hidden in (linked, alike):
        keep_out(incident=hidden, person=town.adviser, by=town.employee, now=clock.now())
    shown = page(desk, incident)
    assert linked.reference not in shown and alike.reference not in shown
    made = CaseLink.objects.get()
    unlinking = reverse("case_unlink", args=[incident.pk, made.pk])
    assert desk.post(unlinking).status_code == 404
    assert as_user(town.deputy).post(unlinking).status_code == 302
    assert not CaseLink.objects.exists() and TimelineEntry.objects.filter(kind="unlinked").count() == 2


def involve(town: Place, incident: Incident, person: Person) -> None:
    Involvement.objects.create(
        organisation=town.organisation, incident=incident, person=person, role="perpetrator", at=clock.now(),
        by=town.adviser,
    )  # fmt: skip


def test_what_is_suggested_and_why(town: Place, desk: Client):
    place = Location.objects.create(organisation=town.organisation, name="Balie 1", code="AAAA1111", kind="building")
    incident = apart(town, location=place)
    suggested: dict[str, Incident] = {
        "the same department, day and behaviour": make_incident(town, department=incident.department),
        "the same place within an hour": apart(town, location=place, ago=timedelta(hours=1, minutes=30)),
        "the same perpetrator": apart(town, ago=timedelta(days=40)),
    }
    person = Person.objects.create(organisation=town.organisation, created_at=clock.now(), created_by=town.adviser)
    involve(town, incident, person)
    involve(town, suggested["the same perpetrator"], person)
    not_suggested = [
        apart(town, location=place, ago=timedelta(hours=4)),
        make_incident(town, department=incident.department, behaviours=("threat",), ago=timedelta(hours=5)),
        make_incident(town, department=incident.department, ago=timedelta(days=2)),
    ]
    shown = page(desk, incident)
    for reason, case in suggested.items():
        assert case.reference in shown and reason in shown
    assert all(case.reference not in shown for case in not_suggested)
    assert shown.count(reverse("case_merge", args=[incident.pk, suggested["the same perpetrator"].pk])) == 0
    assert link(desk, incident, suggested["the same perpetrator"].reference, "same_perpetrator").status_code == 302
    assert page(desk, incident).count("<span>the same perpetrator</span>") == 1, "linked, and so suggested no more"


@pytest.mark.parametrize("number", [10, 11])
def test_more_suggestions_than_are_shown_are_said_to_be_there(town: Place, desk: Client, number: int):
    incident = make_incident(town)
    for _one in range(number):
        make_incident(town)
    shown = desk.get(reverse("case_links", args=[incident.pk]))
    assert len(shown.context["suggestions"]) == 10
    assert ("There are more of them." in shown.content.decode()) == (number > 10)


def test_a_link_that_is_gone_already_says_so_and_a_hidden_one_stays_hidden(town: Place, desk: Client):
    first, second = apart(town), apart(town)
    made = link_cases(incident=first, other=second, kind=LinkKind.RELATED, by=town.deputy, now=clock.now())
    address = reverse("case_unlink", args=[first.pk, made.pk])
    assert [desk.post(address).status_code for _press in range(2)] == [302, 302]
    assert "This link was taken away already." in page(desk, first)
    assert TimelineEntry.objects.filter(incident=first, kind="unlinked").count() == 1
    hidden = link_cases(incident=first, other=second, kind=LinkKind.RELATED, by=town.deputy, now=clock.now())
    keep_out(incident=second, person=town.adviser, by=town.deputy, now=clock.now(), reason="Kent hem.")
    assert desk.post(reverse("case_unlink", args=[first.pk, hidden.pk])).status_code == 404
    assert CaseLink.objects.get() == hidden


def test_a_link_is_also_made_with_a_closed_case(town: Place, desk: Client):
    incident, old = apart(town), apart(town)
    Incident.objects.filter(pk=old.pk).update(status="closed", closed_at=clock.now(), closed_by=town.adviser)
    assert link(desk, incident, old.reference).status_code == 302


def test_only_who_works_on_the_case(town: Place, other_town: Place, as_user: Any, desk: Client):
    incident, other = apart(town), apart(town)
    made = link_cases(incident=incident, other=other, kind=LinkKind.RELATED, by=town.adviser, now=clock.now())
    addresses: dict[str, Callable[[Client], Any]] = {
        "page": lambda client: client.get(reverse("case_links", args=[incident.pk])),
        "link": lambda client: link(client, incident, other.reference),
        "unlink": lambda client: client.post(reverse("case_unlink", args=[incident.pk, made.pk])),
        "side by side": lambda client: client.get(reverse("case_merge", args=[incident.pk, other.pk])),
        "merge": lambda client: client.post(
            reverse("case_merge", args=[incident.pk, other.pk]), {"goes_on": str(other.pk), "is_sure": "on"}
        ),
        "unmerge": lambda client: client.post(reverse("case_unmerge", args=[incident.pk])),
    }
    people: list[tuple[User, int]] = [
        (town.employee, 403), (town.manager, 403), (other_town.adviser, 404), (town.administrator, 403)
    ]  # fmt: skip
    keep_out(incident=incident, person=town.deputy, by=town.employee, now=clock.now())
    for try_it in addresses.values():
        assert try_it(Client()).status_code == 302
        for person, status in [*people, (town.deputy, 404)]:
            assert try_it(as_user(person)).status_code == status
    assert CaseLink.objects.count() == 1 and Incident.objects.filter(status="merged").count() == 0
    assert desk.get(reverse("case_links", args=[incident.pk])).status_code == 200


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_asks_the_same_however_much_there_is(
    town: Place, desk: Client, number: int, django_assert_num_queries: Any
):
    incident = apart(town)
    for _one in range(number):
        link_cases(incident=incident, other=apart(town), kind=LinkKind.RELATED, by=town.adviser, now=clock.now())
        make_incident(town, department=incident.department)
        joined = apart(town, story="<script>")
        Incident.objects.filter(pk=joined.pk).update(
            status="merged", merged_into=incident, merged_at=clock.now(), merged_by=town.adviser
        )
    desk.get(reverse("case_links", args=[incident.pk]))
    with django_assert_num_queries(12):
        shown = page(desk, incident)
    assert "<script>" not in shown.split("<main")[1] and shown.count("Joined: ") == number
