"""All cases: filters on plain facts, a search that leaves nothing behind but that it was done, and sorted columns."""

import re
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse

from incidents.actions.additions import Addition, add_to_report
from incidents.actions.exclusions import keep_out
from incidents.actions.people import ask_witness
from incidents.actions.words import can_search_words, digests_of_words, index_words
from incidents.models import CaseWords, Incident, Involvement, Person, PersonKey, Reaction
from incidents.person_keys import digest
from tests import clock
from tests.world import Place, make_incident
from vpdportal.accounts.models import User
from vpdportal.audit.models import AuditEvent

HAS_WORDS = connection.vendor == "postgresql"


def english(as_user: Any, user: User) -> Any:
    client = as_user(user)
    client.cookies["vpd_language"] = "en"
    return client


def listed(page: Any) -> set[Any]:
    return {incident.pk for incident in page.context["page"].object_list}


def search(client: Any, words: str, **filters: Any) -> Any:
    return client.post(reverse("case_search", query=filters), {"search": words})


def make_person(incident: Incident, name: str, born: str, role: str = "perpetrator") -> Person:
    person = Person(organisation=incident.organisation, created_at=clock.now(), created_by=incident.reporter)
    person.sealed_name = name
    person.save()
    kind, hashed = "name_birth", digest("name_birth", f"{name} {born}", incident.organisation_id)
    PersonKey.objects.create(organisation=incident.organisation, person=person, kind=kind, digest=hashed)
    Involvement.objects.create(
        organisation=incident.organisation,
        incident=incident,
        person=person,
        role=role,
        at=clock.now(),
        by=incident.reporter,
    )
    return person


# --- filters ---------------------------------------------------------------------------------------------------------


def closed(incident: Incident) -> None:
    Incident.objects.filter(pk=incident.pk).update(
        status="closed", closed_at=clock.now(), closed_by=incident.reporter, severity=4, motive="frustration"
    )


@pytest.fixture
def two(town: Place) -> tuple[Incident, Incident]:
    """One case in which nothing is as in the other."""
    other = town.organisation.departments.create(name="Handhaving", headcount=10)
    plain = make_incident(town, at=clock.now() - timedelta(days=40))
    special = make_incident(
        town,
        department=other,
        behaviours=("threat",),
        channel="telephone",
        target_group="mayor",
        motive="instrumental",
        perpetrator_known=False,
        kind="near_miss",
        wants_support=True,
    )
    Incident.objects.filter(pk=plain.pk).update(adviser=None, motive="frustration")
    Incident.objects.filter(pk=special.pk).update(
        severity=4, adviser=town.adviser, severity_confirmed_at=clock.now(), severity_confirmed_by=town.adviser
    )
    plain.tasks.all().delete()
    if not special.tasks.exists():
        special.tasks.create(
            organisation=town.organisation,
            kind="own",
            assignee=town.adviser,
            assigned_at=clock.now(),
            menu_version=special.menu_version,
        )
    person = make_person(special, "Ingebeelde Kees", "1-2-1980")
    Reaction.objects.create(
        organisation=town.organisation,
        incident=special,
        person=person,
        kind="ban",
        status="active",
        conduct_on=date(2026, 11, 1),
        hearing="heard",
        starts_on=date(2026, 11, 1),
        ends_on=date(2026, 12, 1),
        drafted_at=clock.now(),
        drafted_by=town.adviser,
    )
    return plain, special


@pytest.mark.parametrize(
    ("name", "special", "plain"),
    [
        ("severity", "4", "2"),
        ("confirmed", "yes", "no"),
        ("behaviour", "threat", "verbal_abuse"),
        ("channel", "telephone", "counter"),
        ("target_group", "mayor", "counter_staff"),
        ("motive", "instrumental", "frustration"),
        ("perpetrator", "no", "yes"),
        ("kind", "near_miss", "incident"),
        ("support", "yes", "no"),
        ("quiet", "no", "yes"),
        ("tasks", "yes", "no"),
        ("measure", "yes", "no"),
        ("adviser", "adviser", "nobody"),
        ("department", "Handhaving", "Publiekszaken"),
    ],
)
def test_each_fact_narrows_the_list(
    town: Place, as_user: Any, two: tuple[Incident, Incident], name: str, special: str, plain: str
):
    client = as_user(town.adviser)
    ids = {row.name: str(row.pk) for row in town.organisation.departments.all()} | {"adviser": str(town.adviser.pk)}
    for value, incident in ((plain, two[0]), (special, two[1])):
        page = client.get(reverse("case_list"), {name: ids.get(value, value)})
        assert listed(page) == {incident.pk}, value
        assert page.context["page"].count.number == 1
    assert listed(client.get(reverse("case_list"), {name: ""})) == {two[0].pk, two[1].pk}


def test_filters_hold_together(town: Place, as_user: Any, two: tuple[Incident, Incident]):
    closed(two[0])
    client = as_user(town.adviser)
    assert listed(client.get(reverse("case_list"), {"status": "closed"})) == {two[0].pk}
    assert listed(client.get(reverse("case_list"), {"status": "closed", "severity": "4"})) == {two[0].pk}
    assert listed(client.get(reverse("case_list"), {"status": "closed", "kind": "near_miss"})) == set()
    assert listed(client.get(reverse("case_list"), {"quiet": "yes"})) == set(), "an ended case is not quiet"


def test_a_perpetrator_who_was_not_asked_about_is_neither_known_nor_unknown(town: Place, as_user: Any):
    incident = make_incident(town, perpetrator_known=None)
    client = as_user(town.adviser)
    for value in ("yes", "no", "unknown"):
        found = listed(client.get(reverse("case_list"), {"perpetrator": value}))
        assert found == ({incident.pk} if value == "unknown" else set()), value


def test_days_count_whole_and_in_local_time(town: Place, as_user: Any):
    # Reported at 10:00 on the 24th; happened just after midnight of the 24th here, which is the 23rd in UTC.
    incident = make_incident(town, ago=timedelta(hours=9, minutes=50))
    client = as_user(town.adviser)
    for name in ("reported", "happened"):
        for first, last, is_listed in (
            ("2026-11-24", "2026-11-24", True),
            ("2026-11-25", "", False),
            ("", "2026-11-23", False),
            ("2026-11-24", "", True),
        ):
            page = client.get(reverse("case_list"), {f"{name}_from": first, f"{name}_to": last})
            assert listed(page) == ({incident.pk} if is_listed else set()), (name, first, last)


@pytest.mark.parametrize(
    ("filters", "sentence"),
    [
        ({"reported_from": "10000-01-01"}, "This is no date of the calendar."),
        ({"reported_from": "0001-01-01"}, "Choose a day from the year 2000"),
        ({"happened_to": "9999-12-31"}, "Choose a day from the year 2000"),
        ({"happened_to": "31-02-2026"}, "This is no date of the calendar."),
        ({"reported_from": "2026-11-25", "reported_to": "2026-11-24"}, "The last day comes before the first."),
        ({"severity": "5"}, "Choose one of the list."),
        ({"organisation": "elders"}, "Choose one of the list."),
        ({"department": "geen"}, "Choose one of the list."),
        ({"adviser": "'; DROP TABLE"}, "Choose one of the list."),
        ({"number": "???"}, "A number has letters, digits and dashes"),
    ],
)
def test_what_cannot_be_is_said_and_stays_typed(
    town: Place, other_town: Place, as_user: Any, filters: dict[str, str], sentence: str
):
    incident = make_incident(town)
    third = Place(other_town.organisation, other_town.department, town.people)
    third.join(town.adviser, "adviser")
    type(other_town.organisation).objects.filter(slug="elders").update(slug="verweg")
    client = english(as_user, town.adviser)
    page = client.get(reverse("case_list"), filters)
    text = page.content.decode()
    assert page.status_code == 200 and sentence in text and 'id="errors"' in text
    assert incident.reference not in text, "a list that is narrowed otherwise than asked misleads"
    name, typed = next(iter(filters.items()))
    if name.endswith(("_from", "_to")) or name == "number":
        assert f'value="{typed}"' in text
    assert incident.reference in client.get(reverse("case_list")).content.decode()


def test_only_what_is_served_is_offered_and_listed(town: Place, other_town: Place, as_user: Any):
    mine, theirs = make_incident(town), make_incident(other_town)
    client = as_user(town.adviser)
    page = client.get(reverse("case_list"))
    assert listed(page) == {mine.pk} and "Elders" not in page.content.decode()
    department = client.get(reverse("case_list"), {"department": str(other_town.department.pk)})
    assert listed(department) == set() and 'id="errors"' in department.content.decode()
    other_town.join(town.adviser, "adviser")
    assert listed(client.get(reverse("case_list"))) == {mine.pk, theirs.pk}
    assert listed(client.get(reverse("case_list"), {"organisation": "elders"})) == {theirs.pk}


# --- order and pages -------------------------------------------------------------------------------------------------


def test_columns_sort_both_ways_and_say_so(town: Place, as_user: Any):
    cases = [make_incident(town, at=clock.now() - timedelta(days=days)) for days in (3, 1, 2)]
    for incident, severity in zip(cases, (2, 4, 3), strict=True):
        Incident.objects.filter(pk=incident.pk).update(severity=severity)
    client = as_user(town.adviser)

    def order(sort: str) -> list[int]:
        page = client.get(reverse("case_list"), {"sort": sort})
        return [cases.index(incident) for incident in page.context["page"].object_list]

    assert order("severity") == [0, 2, 1] and order("-severity") == [1, 2, 0]
    assert order("reported") == [0, 2, 1] and order("") == order("-reported") == [1, 2, 0]
    assert order("story") == order("reporter__name") == [1, 2, 0], "what is no column sorts nothing"
    numbers = sorted(range(3), key=lambda number: cases[number].reference)
    assert order("number") == numbers and order("-number") == numbers[::-1]
    page = client.get(reverse("case_list"), {"sort": "severity", "kind": "incident"}).content.decode()
    assert page.count('aria-sort="ascending"') == 1 and page.count('aria-sort="none"') == 5
    assert "sort=-severity&amp;kind=incident" in page or "kind=incident&amp;sort=-severity" in page


@pytest.mark.parametrize("sort", ["department", "happened", "touched"])
def test_the_other_columns_sort_too(town: Place, as_user: Any, sort: str):
    first = town.organisation.departments.create(name="Aanpak", headcount=1)
    late = make_incident(town, at=clock.now() - timedelta(days=1))
    early = make_incident(town, at=clock.now() - timedelta(days=2), department=first)
    page = as_user(town.adviser).get(reverse("case_list"), {"sort": sort})
    assert [incident.pk for incident in page.context["page"].object_list] == [early.pk, late.pk]


def test_pages_keep_filters_and_order(town: Place, as_user: Any):
    for _number in range(27):
        make_incident(town)
    client = as_user(town.adviser)
    first = client.get(reverse("case_list"), {"kind": "incident", "sort": "number"})
    (following,) = re.findall(r'<a rel="next" href="([^"]+)"', first.content.decode())
    second = client.get(following.replace("&amp;", "&"))
    assert len(listed(first)) == 25 and len(listed(second)) == 2 and not listed(first) & listed(second)
    assert "kind=incident" in following and "sort=number" in following


# --- search ----------------------------------------------------------------------------------------------------------


def test_a_number_forgives_how_it_is_typed_as_a_filter_and_as_a_search(town: Place, as_user: Any):
    found, other = make_incident(town), make_incident(town)
    client = as_user(town.adviser)
    typed = f" {found.reference.lower()} "
    assert listed(client.get(reverse("case_list"), {"number": typed})) == {found.pk}
    for words in (typed, found.reference[:6], found.reference[3:8]):
        assert found.pk in listed(search(client, words)) and (other.pk not in listed(search(client, words)))


def test_a_department_a_colleague_and_nobody_else(town: Place, as_user: Any):
    other = town.organisation.departments.create(name="Handhaving", headcount=10)
    reported = make_incident(town, by=town.legal, department=other)
    hit = make_incident(town, affected=town.legal, reporter_is="colleague", affected_name="Lena")
    seen, apart = make_incident(town), make_incident(town)
    ask_witness(incident=seen, email=town.legal.email, by=town.employee, now=clock.now())
    client = as_user(town.adviser)
    assert listed(search(client, "handhav")) == {reported.pk}
    for words in (town.legal.name, town.legal.name.upper(), f" {town.legal.email} ", town.legal.email.upper()):
        assert listed(search(client, words)) == {reported.pk, hit.pk, seen.pk}, words
    assert listed(search(client, town.legal.name[:-1])) == set(), "part of a name is no name"
    assert apart.pk in listed(search(client, town.employee.name))


def test_someone_outside_is_found_by_what_is_known(town: Place, other_town: Place, as_user: Any):
    found, other, theirs = make_incident(town), make_incident(town), make_incident(other_town)
    for incident in (found, theirs):
        make_person(incident, "Jan van der Verzonnen", "1-2-1980")
    make_person(other, "Jan van der Verzonnen", "2-2-1980")
    client = as_user(town.adviser)
    assert listed(search(client, "van der VERZONNEN, jan 01-02-1980")) == {found.pk}
    assert listed(search(client, "Jan van der Verzonnen")) == set()
    other_town.join(town.adviser, "adviser")
    assert listed(search(client, "Jan van der Verzonnen 1-2-1980")) == {found.pk, theirs.pk}
    assert listed(search(client, "Jan van der Verzonnen 1-2-1980", organisation="elders")) == {theirs.pk}


def test_a_person_is_out_of_sight_for_who_is_kept_out_of_the_case(town: Place, as_user: Any):
    about, along = make_incident(town), make_incident(town)
    person = make_person(about, "Jan Verzonnen", "1-2-1980")
    Involvement.objects.create(
        organisation=town.organisation, incident=along, person=person, role="witness", at=clock.now(), by=town.adviser
    )
    deputy = as_user(town.deputy)
    assert listed(search(deputy, "Jan Verzonnen 1-2-1980")) == {about.pk, along.pk}
    keep_out(incident=about, person=town.deputy, by=town.employee, now=clock.now())
    assert listed(search(deputy, "Jan Verzonnen 1-2-1980")) == set(), "that the other case is listed would tell"
    for words in (about.reference, town.employee.name, "Publiekszaken"):
        assert about.pk not in listed(search(deputy, words)), words


def test_filters_of_the_address_hold_in_a_search(town: Place, as_user: Any):
    known, unknown = make_incident(town), make_incident(town, perpetrator_known=False)
    client = as_user(town.adviser)
    assert listed(search(client, "Publiekszaken")) == {known.pk, unknown.pk}
    assert listed(search(client, "Publiekszaken", perpetrator="no")) == {unknown.pk}
    wrong = search(client, "Publiekszaken", severity="9")
    assert listed(wrong) == set() and 'id="errors"' in wrong.content.decode()


def test_a_search_leaves_that_it_was_done_and_not_what_for(town: Place, other_town: Place, as_user: Any):
    incident = make_incident(town)
    other_town.join(town.adviser, "adviser")
    client = as_user(town.adviser)
    words = "Jan Verzonnen 1-2-1980"
    page = search(client, words)
    events = AuditEvent.objects.filter(action="cases.searched")
    assert {event.organisation_id for event in events} == {town.organisation.pk, other_town.organisation.pk}
    kinds = {"colleague", "department", "person"} | ({"words"} if HAS_WORDS else set())
    assert [set(event.fields) - {"found_0", "found_1"} for event in events] == [kinds, kinds]
    assert {event.organisation_id for event in events if "found_0" in event.fields} >= {other_town.organisation.pk}
    assert {event.actor_id for event in events} == {town.adviser.pk}
    assert "Verzonnen" not in page.request["PATH_INFO"] + page.request["QUERY_STRING"]
    assert not any(part in str(dict(client.session)) for part in ("Verzonnen", "1980"))
    links = re.findall(r'(?:href|action)="([^"]*)"', page.content.decode())
    assert links and not any("erzonnen" in link for link in links)
    search(client, incident.reference)
    assert events.count() == 2, "a number is no search for a person"


@pytest.mark.parametrize("words", ["", " ", "x", "x" * 121])
def test_a_search_for_too_little_or_too_much_is_said(town: Place, as_user: Any, words: str):
    incident = make_incident(town)
    page = search(english(as_user, town.adviser), words)
    assert page.status_code == 400 and "search-search_error" in page.content.decode()
    assert listed(page) == set() and incident.reference not in page.content.decode()
    assert not AuditEvent.objects.filter(action="cases.searched").exists()


@pytest.mark.parametrize("words", ["%", "a\x00b", "\ud800x", "<script>alert(1)</script>", "'; DROP TABLE", "😡😡", "_"])
def test_odd_things_to_search_for_find_nothing_and_break_nothing(town: Place, as_user: Any, words: str):
    make_incident(town)
    typed = words.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    page = search(as_user(town.adviser), typed)
    assert page.status_code in {200, 400} and listed(page) == set()
    assert "<script>alert" not in page.content.decode()


def test_a_search_pages_and_sorts_without_an_address(town: Place, as_user: Any):
    for _number in range(27):
        make_incident(town)
    client = as_user(town.adviser)
    first = search(client, "Publiekszaken")
    text = first.content.decode()
    assert (
        f'name="page" value="{first.context["page"].next}"' in text
        and 'form="again" name="sort" value="number"' in text
    )
    again = {"search": "Publiekszaken", "sort": "number"}
    pages = [client.post(reverse("case_search"), again)]
    assert '<input type="hidden" name="sort" value="number">' in pages[0].content.decode(), (
        "or the next page is of another list"
    )
    pages.append(client.post(reverse("case_search"), {**again, "page": pages[0].context["page"].next}))
    rows = [incident.reference for page in pages for incident in page.context["page"].object_list]
    assert rows == sorted(rows) and len(set(rows)) == 27
    assert client.get(reverse("case_search"))["Location"] == reverse("case_list")


# --- words -----------------------------------------------------------------------------------------------------------


def test_words_are_hashed_for_one_organisation_without_capitals_accents_and_order(town: Place, other_town: Place):
    one = digests_of_words(["Hij riep: Café! café"], town.organisation.pk)
    assert one == digests_of_words(["CAFE", "riep hij"], town.organisation.pk), "hij is too short to count"
    assert len(one) == 2 and all(re.fullmatch("[0-9a-f]{12}", digest) for digest in one) and one == sorted(one)
    assert not set(one) & set(digests_of_words(["café riep"], other_town.organisation.pk))


def test_words_of_a_report_are_found_where_the_database_can(town: Place, other_town: Place, as_user: Any):
    found = make_incident(
        town, story="Hij smeet een Kanarie-vogel door de hal.", place="Zijdeur", may_manager_see=False
    )
    other = make_incident(town, story="Hij schold over een kanarie.")
    make_incident(other_town, story="kanarie vogel")
    client = english(as_user, town.adviser)
    page = search(client, "vogel KANARIE").content.decode()
    assert (found.reference in page) is HAS_WORDS and other.reference not in page
    assert ("Words of the report cannot be searched here" in page) is not HAS_WORDS
    expected = {found.pk, other.pk} if HAS_WORDS else set()
    assert listed(search(client, "kanarie")) == expected
    assert listed(search(client, "zijdeur")) == ({found.pk} if HAS_WORDS else set())
    assert listed(search(client, "een")) == set(), "a short word is looked for nowhere"
    assert can_search_words() is HAS_WORDS


def test_words_that_are_added_are_found_too(town: Place, as_user: Any):
    incident = make_incident(town)
    addition = Addition(form_key=uuid4(), text="Later dreigde hij met een koevoet.")
    add_to_report(incident=incident, addition=addition, by=town.employee, now=clock.now())
    assert listed(search(as_user(town.adviser), "koevoet")) == ({incident.pk} if HAS_WORDS else set())
    assert CaseWords.objects.count() == (1 if HAS_WORDS else 0), "what cannot be searched is not kept"


def test_the_index_is_made_again_in_batches_and_goes_on_where_it_stopped(town: Place, capsys: Any):
    cases = sorted((make_incident(town, story=f"woordnummer{number}") for number in range(5)), key=lambda one: one.pk)
    CaseWords.objects.all().delete()
    if not HAS_WORDS:
        with pytest.raises(CommandError):
            call_command("index_words")
        return
    call_command("index_words", batch=2, after=cases[0].pk)
    assert set(CaseWords.objects.values_list("incident", flat=True)) == {one.pk for one in cases[1:]}
    call_command("index_words", missing=True)
    assert CaseWords.objects.count() == 5 and "Done: 1 cases." in capsys.readouterr().out
    before = list(CaseWords.objects.order_by("pk").values_list("digests", flat=True))
    for incident in cases:
        index_words(incident)
    assert list(CaseWords.objects.order_by("pk").values_list("digests", flat=True)) == before


# --- rights and cost -------------------------------------------------------------------------------------------------


def test_who_may_search_and_list(town: Place, other_town: Place, as_user: Any, client: Any):
    incident = make_incident(town)
    for person in (town.adviser, town.deputy):
        assert listed(search(as_user(person), incident.reference)) == {incident.pk}
        assert listed(as_user(person).get(reverse("case_list"))) == {incident.pk}
    assert listed(search(as_user(other_town.adviser), incident.reference)) == set()
    for person in (town.employee, town.manager, town.support, town.legal, town.management, town.auditor):
        assert search(as_user(person), incident.reference).status_code == 403
        assert as_user(person).get(reverse("case_list")).status_code == 403
    assert "/inloggen/" in search(client, incident.reference)["Location"]
    keep_out(incident=incident, person=town.deputy, by=town.employee, now=clock.now())
    assert listed(search(as_user(town.deputy), incident.reference)) == set()
    assert listed(as_user(town.deputy).get(reverse("case_list"))) == set()


def test_it_asks_the_same_however_long_it_is(town: Place, as_user: Any, django_assert_num_queries: Any):
    for number in (1, 3):
        while Incident.objects.count() < number:
            make_person(make_incident(town), "Jan Verzonnen", "1-2-1980")
        client = as_user(town.adviser)
        search(client, "Jan Verzonnen 1-2-1980")
        with django_assert_num_queries(8):
            assert len(listed(client.get(reverse("case_list")))) == number
        with django_assert_num_queries(13):
            assert len(listed(search(client, "Jan Verzonnen 1-2-1980"))) == number


def test_no_sealed_text_is_opened_for_the_list(town: Place, as_user: Any, monkeypatch: pytest.MonkeyPatch):
    make_person(make_incident(town), "Jan Verzonnen", "1-2-1980")
    opened: list[str] = []
    monkeypatch.setattr("vpdportal.encryption.open_seal", lambda sealed, *, place: opened.append(place) or b"open")
    client = as_user(town.adviser)
    assert listed(client.get(reverse("case_list"))) and listed(search(client, "Jan Verzonnen 1-2-1980"))
    assert opened == []


def test_it_is_calm_when_there_is_nothing(town: Place, as_user: Any):
    client = english(as_user, town.adviser)
    assert "There are no cases yet." in client.get(reverse("case_list")).content.decode()
    assert "Leave out a filter" in client.get(reverse("case_list"), {"kind": "near_miss"}).content.decode()
    assert "No case fits this." in search(client, "Onbekend").content.decode()
