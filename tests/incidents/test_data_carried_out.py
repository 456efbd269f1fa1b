"""What is done after a request was granted: erased with a certificate, corrected beside, or limited until it ends."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from incidents.actions.data_requests import erasing
from incidents.actions.data_requests.erasing import erasable
from incidents.actions.data_requests.letting_go import let_answers_go
from incidents.actions.data_requests.requests import NewRequest, register_request
from incidents.actions.keeping.certificates import is_as_sealed
from incidents.actions.keeping.due import WaitsFor, due_of_case
from incidents.actions.keeping.stays import keep_longer
from incidents.actions.person_openings import open_person
from incidents.models import (
    DataRequest,
    DestroyedPart,
    Destruction,
    Exclusion,
    Incident,
    Involvement,
    Person,
    PersonKey,
)
from incidents.overview.analyst_rows import rows_of
from incidents.overview.periods import Period
from incidents.vocabulary import DataRequestKind, DataSubject, OpeningPurpose, StayKind
from tests import clock
from tests.incidents.kept import CANARY, close, full_case, make_person, sealed_texts
from tests.incidents.test_case_export import read_xlsx
from tests.signing_in import proven
from tests.world import Place, make_incident
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import Role
from vpdportal.audit.models import AuditEvent

TODAY = date(2026, 11, 24)
LIMITED = "Use limited."


@pytest.fixture(autouse=True)
def store(tmp_path: Path, settings: Any) -> Path:
    folder = tmp_path / "evidence"
    storage = {**settings.STORAGES["evidence"], "OPTIONS": {"location": folder}}
    settings.STORAGES = {**settings.STORAGES, "evidence": storage}
    return folder


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["vpd_language"] = "en"
    return client


def do(client: Client, name: str, request: DataRequest, **data: Any) -> Any:
    return client.post(reverse(name, args=[request.pk]), data)


def page(user: User, request: DataRequest) -> str:
    return browser(user).get(reverse("data_request", args=[request.pk])).content.decode()


def ask(town: Place, kind: str, who: User | Person) -> DataRequest:
    user, person = (who, None) if isinstance(who, User) else (None, who)
    subject = DataSubject.EMPLOYEE if user else DataSubject.CITIZEN
    new = NewRequest(
        town.organisation, DataRequestKind(kind), subject, TODAY, name="Kees Verzonnen", user=user, person=person
    )
    return register_request(new=new, by=user or town.adviser, now=clock.now())


def decided(town: Place, kind: str, who: User | Person, granted: str = "yes") -> DataRequest:
    """Laid before the officer by the adviser, and decided by the officer; both in a browser."""
    request = ask(town, kind, who)
    handler, officer = browser(town.adviser), browser(town.auditor)
    do(handler, "data_request_identity", request)
    ready = do(handler, "data_request_ready", request, is_granted=granted, answer="Wij doen dit.")
    assert ready.status_code == 302
    request.refresh_from_db()
    assert do(officer, "data_request_decide", request, seen=request.revision).status_code == 302
    request.refresh_from_db()
    return request


def erase(user: User, request: DataRequest, *cases: Incident) -> Any:
    return do(browser(user), "data_request_erase", request, cases=[str(case.pk) for case in cases])


def gone(case: Incident) -> set[str]:
    return set(DestroyedPart.objects.filter(incident=case).values_list("part", flat=True))


class TestErasing:
    def test_of_who_did_it_that_part_goes_with_the_record_and_a_certificate(self, town: Place):
        person = make_person(town)
        case, other = (close(full_case(town, who), town.adviser) for who in (person, make_person(town)))
        request = decided(town, "erasure", person)
        before = sealed_texts(other)
        assert erase(town.adviser, request, case).status_code == 302
        assert gone(case) == {"perpetrator"} and not gone(other)
        left = sealed_texts(case)
        assert "Reaction.conduct" not in left and "Incident.perpetrator_description" not in left
        assert "Incident.story" in left  # what the victim told stays
        person.refresh_from_db()
        assert person.destroyed_at and not person.sealed_name and not PersonKey.objects.filter(person=person).exists()
        assert sealed_texts(other) == before
        certificate = Destruction.objects.get()
        assert is_as_sealed(certificate) and certificate.counts["part.perpetrator"] == 1
        assert certificate.counts["Person"] == 1
        assert "Nothing is left to erase." in page(town.adviser, request)
        assert erase(town.adviser, request, case).status_code == 409 and Destruction.objects.count() == 1
        told = AuditEvent.objects.filter(action="data_request.erased").first()
        assert told is not None and told.actor_id == town.adviser.pk and told.fields == [str(case.pk), "perpetrator"]

    @pytest.mark.parametrize("kind", [StayKind.LEGAL_HOLD, StayKind.POSTPONED])
    def test_what_is_held_stays_and_the_rest_goes(self, town: Place, kind: StayKind):
        person = make_person(town)
        held, free = (close(full_case(town, person), town.adviser) for _one in range(2))
        until = TODAY + timedelta(days=90)
        keep_longer(incident=held, kind=kind, part=None, until=until, reason="Zaak", by=town.adviser, now=clock.now())
        request = decided(town, "erasure", person)
        assert erase(town.adviser, request, held).status_code == 409
        assert erase(town.adviser, request, held, free).status_code == 302
        assert not gone(held) and gone(free) == {"perpetrator"}
        person.refresh_from_db()
        assert person.destroyed_at is None  # the case that stays has to know who it was
        shown = page(town.adviser, request)
        assert "The record of this person stays until every case lets go of it." in shown

    def test_the_record_stays_while_a_case_that_is_kept_needs_it(self, town: Place, monkeypatch: pytest.MonkeyPatch):
        """A colleague puts a legal hold on the case between the list of what goes and the erasing."""
        person = make_person(town)
        case, other = (close(full_case(town, person), town.adviser) for _one in range(2))
        request = decided(town, "erasure", person)
        hold, until = erasing.hold_joined, TODAY + timedelta(days=90)
        how: dict[str, Any] = {"kind": StayKind.LEGAL_HOLD, "part": None, "until": until, "reason": "Zaak"}

        def kept_just_before(incident: Incident) -> Any:
            monkeypatch.setattr(erasing, "hold_joined", hold)
            keep_longer(incident=incident, **how, by=town.deputy, now=clock.now())
            return hold(incident)

        monkeypatch.setattr(erasing, "hold_joined", kept_just_before)
        assert erase(town.adviser, request, case, other).status_code == 302
        assert sorted(len(gone(one)) for one in (case, other)) == [0, 1]
        person.refresh_from_db()
        assert person.destroyed_at is None

    def test_what_is_open_stays(self, town: Place):
        person = make_person(town)
        case = full_case(town, person)
        request = decided(town, "erasure", person)
        assert "the case is open" in page(town.adviser, request)
        assert erase(town.adviser, request, case).status_code == 409
        close(case, town.adviser)
        assert erase(town.adviser, request, case).status_code == 302

    def test_another_request_of_the_same_person_comes_first(self, town: Place):
        person = make_person(town)
        case = close(full_case(town, person), town.adviser)
        request, access = decided(town, "erasure", person), ask(town, "access", person)
        assert erase(town.adviser, request, case).status_code == 409
        do(browser(town.adviser), "data_request_withdraw", access)
        assert erase(town.adviser, request, case).status_code == 302

    def test_only_what_the_page_showed(self, town: Place):
        person = make_person(town)
        one, other = (close(full_case(town, person), town.adviser) for _one in range(2))
        stranger = close(full_case(town), town.adviser)
        request = decided(town, "erasure", person)
        assert erase(town.adviser, request, one, stranger).status_code == 302
        assert gone(one) == {"perpetrator"} and not gone(other) and not gone(stranger)

    def test_where_others_did_it_too_only_what_is_of_this_one_goes(self, town: Place):
        person, second = make_person(town), make_person(town)
        case = full_case(town, person)
        row = Involvement(
            organisation=town.organisation, incident=case, person=second, role="perpetrator", at=clock.now(),
            by=town.adviser,
        )  # fmt: skip
        row.remark = "Stond erbij."
        row.save(force_insert=True)
        close(case, town.adviser)
        request = decided(town, "erasure", person)
        assert erase(town.adviser, request, case).status_code == 302
        assert not gone(case)
        assert [one.remark for one in case.involvements.filter(person=person)] == [""]
        row.refresh_from_db()
        assert row.remark == "Stond erbij."
        left = sealed_texts(case)
        assert "Reaction.conduct" not in left and "Breach.words" not in left
        assert "Incident.perpetrator_description" in left  # of both
        person.refresh_from_db()
        second.refresh_from_db()
        assert person.destroyed_at and second.destroyed_at is None
        assert erasable(DataRequest.objects.get(pk=request.pk), clock.now()) == []

    def test_of_an_employee_the_whole_case_unless_it_is_of_a_colleague_too(self, town: Place):
        own = close(make_incident(town), town.adviser)
        other = close(make_incident(town, by=town.manager), town.adviser)
        Incident.objects.filter(pk=other.pk).update(affected=town.employee)  # a colleague reported it
        for case in (own, other):
            case.tasks.update(status="done", finished_at=clock.now(), finished_by=town.adviser)
        request = decided(town, "erasure", town.employee)
        assert "a colleague reported it" in page(town.adviser, request)
        assert erase(town.adviser, request, own, other).status_code == 302
        assert gone(own) == {"evidence", "messages", "perpetrator", "victim"} and not gone(other)
        own.refresh_from_db()
        assert own.reporter != town.employee and own.story == ""

    def test_not_before_it_was_decided_nor_when_it_was_refused(self, town: Place):
        person = make_person(town)
        case = close(full_case(town, person), town.adviser)
        asked = ask(town, "erasure", person)
        assert "What would be erased" in page(town.auditor, asked)  # the officer sees what they decide on
        assert erase(town.adviser, asked, case).status_code == 409
        do(browser(town.adviser), "data_request_withdraw", asked)
        refused = decided(town, "erasure", person, granted="no")
        assert erase(town.adviser, refused, case).status_code == 409
        access = ask(town, "access", person)
        assert erase(town.adviser, access, case).status_code == 409
        assert not gone(case)

    def test_nothing_is_granted_of_someone_without_a_record(self, town: Place):
        new = NewRequest(town.organisation, DataRequestKind.ERASURE, DataSubject.CITIZEN, TODAY, name="Kees")
        request = register_request(new=new, by=town.adviser, now=clock.now())
        client = browser(town.adviser)
        do(client, "data_request_identity", request)
        assert do(client, "data_request_ready", request, is_granted="yes", answer="Ja").status_code == 409
        assert do(client, "data_request_ready", request, is_granted="no", answer="Nee").status_code == 302

    def test_it_asks_for_proof(self, town: Place, strictly: None):
        request = ask(town, "erasure", make_person(town))
        do(proven(town.adviser, seconds_ago=301), "data_request_erase", request)
        assert not AuditEvent.objects.filter(action="data_request.erased").exists()


class TestCorrecting:
    def test_beside_what_was_written_down_of_a_citizen(self, town: Place):
        person = make_person(town)
        case = close(full_case(town, person), town.adviser)
        request = decided(town, "rectification", person)
        where = ["record", str(case.pk)]
        fields = {"correction": "Hij stond buiten.", "places": where, "seen": request.revision, "writer": ""}
        assert do(browser(town.adviser), "data_request_correct", request, **fields).status_code == 302
        assert do(browser(town.adviser), "data_request_correct", request, **fields).status_code == 409  # a double click
        remark = case.involvements.get(person=person).remark
        assert remark.startswith(CANARY) and remark.count("Hij stond buiten.") == 1 and request.reference in remark
        person.refresh_from_db()
        assert person.sealed_note.startswith(CANARY) and "Hij stond buiten." in person.sealed_note
        case.refresh_from_db()
        assert "buiten" not in case.story
        assert case.timeline.filter(kind="note_added").exists()
        assert not any("buiten" in str(event.fields) for event in AuditEvent.objects.all())
        assert "Carried out on" in page(town.adviser, request)

    def test_it_is_written_in_the_language_of_the_portal(self, town: Place):
        person = make_person(town)
        case = full_case(town, person)
        request = decided(town, "rectification", person)
        fields = {"correction": "Hij heet anders.", "places": ["record", str(case.pk)], "seen": request.revision}
        assert do(browser(town.adviser), "data_request_correct", request, **fields, writer="").status_code == 302
        person.refresh_from_db()
        for text in (person.sealed_note, case.involvements.get(person=person).remark):
            assert "24 november 2026" in text and "corrected on request" not in text

    def test_of_an_employee_it_is_a_correction_of_what_was_told(self, town: Place):
        case = make_incident(town, story="Het was dinsdag.")
        request = decided(town, "rectification", town.employee)
        fields = {"correction": "Het was woensdag.", "places": [str(case.pk)], "seen": request.revision}
        assert do(browser(town.adviser), "data_request_correct", request, **fields).status_code == 302
        statement = case.statements.get()
        assert (statement.by, statement.kind, statement.text) == (town.employee, "correction", "Het was woensdag.")
        case.refresh_from_db()
        assert case.story == "Het was dinsdag."

    def test_what_is_wrong_is_shown_again_with_what_was_typed(self, town: Place):
        request = decided(town, "rectification", make_person(town))
        client = browser(town.adviser)
        answer = do(client, "data_request_correct", request, correction="Zo was het.", seen=request.revision)
        assert answer.status_code == 400 and "Zo was het." in answer.content.decode()
        bsn = do(client, "data_request_correct", request, correction="BSN 123456782", places=["record"])
        assert bsn.status_code == 400

    def test_only_in_the_cases_of_who_asks(self, town: Place):
        request = decided(town, "rectification", make_person(town))
        other = full_case(town)
        fields = {"correction": "Nee.", "places": [str(other.pk)], "seen": request.revision}
        assert do(browser(town.adviser), "data_request_correct", request, **fields).status_code == 400


class TestLimiting:
    @pytest.mark.parametrize("kind", ["limitation", "objection"])
    def test_every_page_says_so_until_it_is_ended(self, town: Place, kind: str):
        person = make_person(town)
        case = full_case(town, person)
        open_person(
            person=person, purpose=OpeningPurpose.HANDLE, reason="Zaak", incident=None, by=town.adviser, now=clock.now()
        )
        names = ("case", "case_people", "case_reactions", "case_letters", "case_police", "case_files", "case_keeping")
        pages = [*(reverse(name, args=[case.pk]) for name in names), reverse("person", args=[person.pk])]
        client = browser(town.adviser)
        assert not [one for one in pages if LIMITED in client.get(one).content.decode()]
        request = decided(town, kind, person)
        assert [one for one in pages if LIMITED in client.get(one).content.decode()] == pages
        assert do(browser(town.adviser), "data_request_end", request).status_code == 403
        assert do(browser(town.auditor), "data_request_end", request).status_code == 302
        assert not [one for one in pages if LIMITED in client.get(one).content.decode()]
        assert do(browser(town.auditor), "data_request_end", request).status_code == 409

    def test_a_refused_one_limits_nothing(self, town: Place):
        case = make_incident(town)
        decided(town, "limitation", town.employee, granted="no")
        assert LIMITED not in browser(town.adviser).get(reverse("case", args=[case.pk])).content.decode()
        decided(town, "limitation", town.employee)
        assert LIMITED in browser(town.adviser).get(reverse("case", args=[case.pk])).content.decode()

    def test_what_leaves_the_portal(self, town: Place):
        """Rows for an analyst leave it out, a list of cases marks it; the others stay as they are."""
        limited, other = make_incident(town), make_incident(town, by=town.manager)
        decided(town, "limitation", town.employee)
        assert [case.pk for case in rows_of(town.organisation, [Period.month_of(clock.now())], town.analyst)] == [
            other.pk
        ]
        answer = browser(town.adviser).post(reverse("case_export"), {"purpose": "check", "file": "xlsx"})
        assert answer.status_code == 200
        rows = [[text for _kind, text in row] for row in read_xlsx(answer.content)]
        assert rows[0][-1] == "Use limited (AVG 18)"  # the last: an empty cell is not in the file
        assert {row[0]: row[-1] for row in rows[1:]} == {limited.reference: "Yes", other.reference: "No"}

    def test_of_a_limit_nothing_is_destroyed_by_its_term_and_of_an_objection_it_is(self, town: Place):
        person = make_person(town)
        case = close(full_case(town, person), town.adviser)

        def waits() -> set[WaitsFor]:
            return {why for one in due_of_case(town.organisation, case.pk, clock.now())[1] for why in one.waits_for}

        decided(town, "objection", person)
        assert WaitsFor.REQUEST not in waits()
        request = decided(town, "limitation", person)
        assert WaitsFor.REQUEST in waits()
        do(browser(town.auditor), "data_request_end", request)
        assert WaitsFor.REQUEST not in waits()

    def test_it_is_not_forgotten_of_whom_as_long_as_it_holds(self, town: Place):
        request = decided(town, "limitation", town.employee)
        clock.move(days=3 * 366)
        assert let_answers_go(now=clock.now()) == 0
        do(browser(town.auditor), "data_request_end", request)
        assert let_answers_go(now=clock.now()) == 0
        clock.move(days=2 * 366)
        assert let_answers_go(now=clock.now()) == 1


def test_who_was_forgotten_is_not_looked_at_again(town: Place, django_assert_num_queries: Any):
    """The hourly round asks one thing, however many requests were emptied before."""
    for _number in range(3):
        do(browser(town.adviser), "data_request_withdraw", ask(town, "erasure", town.employee))
    clock.move(days=2 * 366 + 10)
    assert let_answers_go(now=clock.now()) == 3
    with django_assert_num_queries(1):
        assert let_answers_go(now=clock.now()) == 0


@pytest.mark.parametrize("name", ["data_request_erase", "data_request_correct", "data_request_end"])
def test_strangers_and_lesser_roles(town: Place, other_town: Place, name: str):
    case = make_incident(town)
    request = ask(town, "erasure", town.employee)
    assert do(Client(), name, request).status_code in {200, 302}  # the sign-in page
    assert do(browser(other_town.auditor), name, request).status_code == 404
    for role in ("employee", "manager", "deputy", "administrator", "management", "support", "analyst"):
        assert do(browser(town.people[role]), name, request).status_code == 403, role
    second = User.objects.create_user(email="fg2@vlinderwaard.invalid", name="Tweede FG")
    town.join(second, Role.AUDITOR)
    assert do(browser(second), name, request).status_code in {400, 409}
    Exclusion.objects.create(
        organisation=town.organisation, incident=case, user=second, at=clock.now(), by=town.employee
    )
    assert do(browser(second), name, request).status_code == 404


@pytest.mark.parametrize("kind", ["erasure", "rectification", "limitation"])
@pytest.mark.parametrize("cases", [1, 3])
def test_the_page_asks_as_much_for_three_as_for_one(town: Place, cases: int, kind: str, django_assert_num_queries: Any):
    person = make_person(town)
    for _number in range(cases):
        close(full_case(town, person), town.adviser)
    request = decided(town, kind, person)
    client = browser(town.adviser)
    address = reverse("data_request", args=[request.pk])
    client.get(address)
    with django_assert_num_queries({"erasure": 22, "rectification": 12, "limitation": 10}[kind]):
        client.get(address)


def test_odd_keys_are_nothing(town: Place):
    request = decided(town, "erasure", make_person(town))
    answer = do(browser(town.adviser), "data_request_erase", request, cases=["x", str(uuid4()), "' OR 1=1"])
    assert answer.status_code == 302  # of this person there is only a record, and it goes
    assert Person.objects.get().destroyed_at
