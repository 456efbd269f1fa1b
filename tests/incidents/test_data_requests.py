"""What people ask about their own data: its term, who handles it, and that no answer goes out by one person."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from incidents.actions.data_requests.due import warn_of_requests
from incidents.actions.data_requests.letting_go import let_answers_go
from incidents.actions.data_requests.requests import (
    NewRequest,
    TooLateToExtend,
    extend_term,
    register_request,
    withdraw_request,
)
from incidents.actions.person_openings import open_person
from incidents.actions.persons import Typed, make_person
from incidents.models import Alarm, DataPiece, DataRequest, Exclusion, Person
from incidents.vocabulary import DataRequestKind, DataSubject, OpeningPurpose
from tests import clock
from tests.incidents.kept import make_person as record_in
from tests.shown import sent_by
from tests.signing_in import proven
from tests.world import Place, make_incident
from vpdportal.accounts.models import User
from vpdportal.audit.models import AuditEvent

TODAY = date(2026, 11, 24)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["vpd_language"] = "en"
    return client


def ask(town: Place, user: User | None = None, kind: str = "access", on: date = TODAY, **more: Any) -> DataRequest:
    subject = DataSubject.EMPLOYEE if user else DataSubject.CITIZEN
    new = NewRequest(town.organisation, DataRequestKind(kind), subject, on, user=user, **more)
    return register_request(new=new, by=user or town.adviser, now=clock.now())


def do(client: Client, name: str, request: DataRequest, *args: Any, **data: Any) -> Any:
    return client.post(reverse(name, args=[request.pk, *args]), data)


def form_of(client: Client, request: DataRequest, piece: DataPiece) -> dict[str, Any]:
    """What the form of this piece would send, with nothing typed nor chosen."""
    shown = client.get(reverse("data_pieces", args=[request.pk])).context["shown"]
    sent = sent_by(next(form for one, _label, form in shown if one == piece))
    return {name: value for name, value in sent.items() if name not in {"decision", "ground"}}


def walked(town: Place, request: DataRequest) -> None:
    """Up to the officer: collected, proposals followed, made ready."""
    client = browser(town.adviser)
    assert do(client, "data_request_identity", request).status_code == 302
    assert do(client, "data_request_collect", request).status_code == 302
    pieces = [str(pk) for pk in request.pieces.values_list("pk", flat=True)]
    assert do(client, "data_pieces_proposed", request, pieces=pieces).status_code == 302
    request.refresh_from_db()
    answer = do(client, "data_request_ready", request, is_granted="yes", answer="", seen=request.revision)
    assert answer.status_code == 302
    request.refresh_from_db()


@pytest.mark.parametrize(
    ("received", "due"),
    [
        (date(2026, 11, 24), date(2026, 12, 24)),
        (date(2026, 1, 31), date(2026, 2, 28)),
        (date(2023, 12, 31), date(2024, 1, 31)),
    ],
)
def test_the_term_is_one_calendar_month(town: Place, received: date, due: date):
    assert ask(town, town.employee, on=received).due_on == due


def test_someone_asks_follows_and_gets_the_answer(town: Place):
    make_incident(town, story="Hij riep dat hij me wist te vinden.")
    mine = browser(town.employee)
    assert mine.get(reverse("my_data")).status_code == 200
    sent = mine.post(
        reverse("my_data"), {"organisation": str(town.organisation.pk), "kind": "access", "words": "", "writer": ""}
    )
    assert sent.status_code == 302
    request = DataRequest.objects.get()
    assert request.identity_checked_by == town.employee  # signed in is known
    assert mine.get(reverse("my_data_file", args=[request.pk, "json"])).status_code == 404
    walked(town, request)
    assert mine.get(reverse("my_data_file", args=[request.pk, "json"])).status_code == 404  # the officer comes first
    officer = browser(town.auditor)
    assert do(officer, "data_request_decide", request, seen=request.revision).status_code == 302
    got = mine.get(reverse("my_data_file", args=[request.pk, "json"]))
    assert got.status_code == 200 and "Hij riep dat hij me wist te vinden." in got.content.decode()
    assert request.reference in mine.get(reverse("my_data")).content.decode()


def test_asked_twice_is_asked_once(town: Place):
    mine, address = browser(town.employee), reverse("my_data")
    data = {"organisation": str(town.organisation.pk), "kind": "access", "words": "Alles.", "writer": ""}
    for _click in range(2):
        assert mine.post(address, data).status_code == 302
    request = DataRequest.objects.get()
    assert AuditEvent.objects.filter(action="data_request.received").count() == 1
    mine.post(address, {**data, "words": "Alleen van dinsdag."})
    mine.post(address, {**data, "kind": "erasure"})
    assert DataRequest.objects.count() == 3, "that is something else"
    withdraw_request(request=request, by=town.adviser, now=clock.now())
    mine.post(address, data)
    clock.move(days=1)
    mine.post(address, data)
    assert DataRequest.objects.count() == 5, "that one ended, and this is another day"


def test_paper_too(town: Place, pango: None):
    request = ask(town, town.employee)
    walked(town, request)
    do(browser(town.auditor), "data_request_decide", request, seen=request.revision)
    got = browser(town.employee).get(reverse("my_data_file", args=[request.pk, "pdf"]))
    assert got.status_code == 200 and got.content.startswith(b"%PDF")


def test_never_one_person_alone(town: Place):
    """The officer who made it ready does not decide; another officer does."""
    request = ask(town, town.employee)
    officer = browser(town.auditor)
    do(officer, "data_request_collect", request)
    pieces = [str(pk) for pk in request.pieces.values_list("pk", flat=True)]
    do(officer, "data_pieces_proposed", request, pieces=pieces)
    do(officer, "data_request_ready", request, is_granted="yes", answer="")
    request.refresh_from_db()
    assert do(officer, "data_request_decide", request, seen=request.revision).status_code == 409
    other = User.objects.create_user(email="fg2@vlinderwaard.invalid", name="Tweede FG")
    town.join(other, "auditor")
    assert do(browser(other), "data_request_decide", request, seen=request.revision).status_code == 302
    request.refresh_from_db()
    assert request.status == "decided" and request.decided_by == other


def test_nothing_goes_on_before_it_is_known_who_asks_and_all_was_looked_at(town: Place):
    request = ask(town, name="Kees Verzonnen", kind="rectification", words="Mijn naam klopt niet.")
    client = browser(town.adviser)
    ready = {"is_granted": "no", "answer": "Van u wordt niets bewaard."}
    assert do(client, "data_request_ready", request, **ready).status_code == 409
    do(client, "data_request_identity", request)
    assert do(client, "data_request_ready", request, **ready).status_code == 302
    access = ask(town, town.employee)
    assert do(client, "data_request_ready", access, is_granted="yes", answer="").status_code == 409  # not collected
    do(client, "data_request_collect", access)
    assert do(client, "data_request_ready", access, is_granted="yes", answer="").status_code == 409  # not looked at
    assert DataRequest.objects.get(pk=access.pk).status == "reviewing"


def test_a_decision_on_what_was_seen(town: Place):
    request = ask(town, town.employee)
    walked(town, request)
    officer = browser(town.auditor)
    assert do(officer, "data_request_decide", request, seen=request.revision - 1).status_code == 409
    assert do(officer, "data_request_decide", request, seen="999999999999").status_code == 409
    assert do(officer, "data_request_back", request).status_code == 302
    request.refresh_from_db()
    assert request.status == "reviewing" and request.ready_by is None
    assert do(officer, "data_request_decide", request, seen=request.revision).status_code == 409


def test_what_is_given_only_loses_words(town: Place):
    make_incident(town, story="De buurman van Piet sloeg op tafel.")
    request = ask(town, town.employee)
    client = browser(town.adviser)
    do(client, "data_request_collect", request)
    piece = request.pieces.get(source="incident.story")
    fields = {"decision": "give", "ground": ""}
    assert (
        do(client, "data_piece", request, piece.pk, given="De buurman sloeg op mijn tafel.", **fields).status_code
        == 409
    )
    assert do(client, "data_piece", request, piece.pk, given="", **fields).status_code == 409
    assert do(client, "data_piece", request, piece.pk, given="De ████ sloeg op tafel.", **fields).status_code == 302
    piece.refresh_from_db()
    assert (piece.decision, piece.given) == ("masked", "De ████ sloeg op tafel.")
    assert do(client, "data_piece", request, piece.pk, decision="withhold", given="", ground="").status_code == 400
    assert (
        do(client, "data_piece", request, piece.pk, decision="withhold", given="", ground="safety").status_code == 302
    )
    piece.refresh_from_db()
    assert (piece.decision, piece.ground) == ("withheld", "safety")


def collected(town: Place, story: str, cases: int = 1) -> DataRequest:
    """A request of an employee, with what was collected for it."""
    for number in range(cases):
        make_incident(town, story=f"{story} {number}")
    request = ask(town, town.employee)
    client = browser(town.adviser)
    do(client, "data_request_identity", request)
    do(client, "data_request_collect", request)
    return request


def test_a_piece_that_a_colleague_withheld_is_not_given_from_an_old_page(town: Place):
    request = collected(town, "De buurvrouw is ernstig ziek.")
    piece = request.pieces.get(source="incident.story")
    client, old = browser(town.adviser), form_of(browser(town.auditor), request, piece)
    fields = {"decision": "withhold", "ground": "rights_of_others"}
    assert do(client, "data_piece", request, piece.pk, **old, **fields).status_code == 302
    answer = do(browser(town.auditor), "data_piece", request, piece.pk, **{**old, "decision": "give", "ground": ""})
    page = answer.content.decode()
    piece.refresh_from_db()
    assert answer.status_code == 409 and piece.decision == "withheld" and "changed this request meanwhile" in page
    again = sent_by(next(form for one, _label, form in answer.context["shown"] if one == piece))
    assert do(client, "data_piece", request, piece.pk, **again).status_code == 302, "once it was shown, it may"


def test_what_was_decided_as_proposed_is_another_state_of_the_request(town: Place):
    request = collected(town, "Hij riep.")
    request.refresh_from_db()
    pieces = [str(pk) for pk in request.pieces.values_list("pk", flat=True)]
    assert do(browser(town.adviser), "data_pieces_proposed", request, pieces=pieces).status_code == 302
    ready = {"is_granted": "yes", "answer": "", "seen": request.revision}
    assert do(browser(town.adviser), "data_request_ready", request, **ready).status_code == 409


def test_who_looks_at_open_pieces_only_goes_on_there(town: Place):
    request = collected(town, "Verhaal", cases=9)
    client, address = browser(town.adviser), reverse("data_pieces", args=[request.pk])
    first = [str(piece.pk) for piece, _label, _form in client.get(address).context["shown"]]
    proposed = reverse("data_pieces_proposed", args=[request.pk])
    assert client.post(f"{proposed}?open=1", {"pieces": first}).url == f"{address}?open=1"
    page = client.get(f"{address}?open=1")
    piece, _label, form = page.context["shown"][0]
    to = f"{reverse('data_piece', args=[request.pk, piece.pk])}?open=1"
    assert f'action="{to}"' in page.content.decode()
    fields = {**sent_by(form), "decision": "give", "ground": "", "page": "1"}
    answer = client.post(to, {**fields, "given": f"{piece.text} en nog iets"})
    assert answer.status_code == 409 and "en nog iets" in answer.content.decode(), "what was typed stays"
    assert client.post(to, fields).url == f"{address}?open=1&page=1#stuk-{piece.pk}"


def test_extended_once_and_in_time(town: Place):
    request = ask(town, town.employee)
    client = browser(town.adviser)
    assert do(client, "data_request_extend", request, extension_reason="").status_code == 400
    assert do(client, "data_request_extend", request, extension_reason="Veel stukken.").status_code == 302
    request.refresh_from_db()
    assert request.due_on == date(2027, 2, 24)
    assert do(client, "data_request_extend", request, extension_reason="Nog eens.").status_code == 409
    late = ask(town, town.manager)
    clock.set_to(clock.now() + timedelta(days=31))
    with pytest.raises(TooLateToExtend):
        extend_term(request=late, reason="Te laat", by=town.adviser, now=clock.now())


def test_withdrawn_throws_away_what_was_collected(town: Place):
    request = ask(town, town.employee)
    client = browser(town.adviser)
    do(client, "data_request_collect", request)
    assert request.pieces.exists()
    assert do(client, "data_request_withdraw", request).status_code == 302
    assert not request.pieces.exists()
    assert do(client, "data_request_collect", request).status_code == 409


def test_who_hears_that_it_is_late_and_when(town: Place):
    ask(town, town.employee)
    told = {}
    for left in (8, 7, 6, 1, 0, -1, -2):
        clock.set_to(clock.START + timedelta(days=30 - left))
        told[left] = warn_of_requests(now=clock.now())
    assert told == {8: 0, 7: 2, 6: 0, 1: 2, 0: 0, -1: 2, -2: 2}
    assert set(Alarm.objects.values_list("recipient", flat=True)) == {town.adviser.pk, town.auditor.pk}
    assert warn_of_requests(now=clock.now()) == 0  # once a day


@pytest.mark.parametrize("left", [6, 2, 0])
def test_a_day_that_was_missed_is_caught_up(town: Place, left: int):
    """The machine was off on the day itself: who had to hear then hears on the first day after it, once."""
    ask(town, town.employee)
    clock.set_to(clock.START + timedelta(days=30 - left))
    assert warn_of_requests(now=clock.now()) == 2
    clock.move(hours=3)
    assert warn_of_requests(now=clock.now()) == 0


def test_who_was_told_of_one_hears_of_another_that_came_later(town: Place):
    ask(town, town.employee)
    clock.set_to(clock.START + timedelta(days=25))
    assert warn_of_requests(now=clock.now()) == 2
    ask(town, town.manager, on=TODAY)  # came in by letter, and was written down late
    assert warn_of_requests(now=clock.now()) == 0
    clock.move(days=1)
    assert warn_of_requests(now=clock.now()) == 2


def test_who_is_kept_out_hears_nothing_and_finds_nothing(town: Place):
    incident = make_incident(town)
    request = ask(town, town.employee)
    address = reverse("data_request", args=[request.pk])
    assert browser(town.adviser).get(address).status_code == 200
    Exclusion.objects.create(
        organisation=town.organisation, incident=incident, user=town.adviser, at=clock.now(), by=town.auditor
    )
    client = browser(town.adviser)
    assert client.get(address).status_code == 404
    assert request.reference not in client.get(reverse("data_requests")).content.decode()
    assert browser(town.auditor).get(address).status_code == 200
    clock.set_to(clock.START + timedelta(days=23))
    assert warn_of_requests(now=clock.now()) == 1
    assert Alarm.objects.get().recipient == town.auditor


def test_a_restricted_case_leaves_the_request_with_its_handler_and_the_officer(town: Place):
    incident = make_incident(town)
    request = ask(town, town.employee)
    other = User.objects.create_user(email="adviseur2@vlinderwaard.invalid", name="Tweede adviseur")
    town.join(other, "adviser")
    address = reverse("data_request", args=[request.pk])
    assert browser(other).get(address).status_code == 200
    incident.is_restricted, incident.adviser = True, town.adviser
    incident.save(update_fields=["is_restricted", "adviser"])
    assert browser(other).get(address).status_code == 404
    assert browser(town.adviser).get(address).status_code == 200
    assert browser(town.auditor).get(address).status_code == 200


def test_nobody_handles_their_own(town: Place):
    request = ask(town, town.adviser)
    client = browser(town.adviser)
    for name in ("data_request", "data_pieces"):
        assert client.get(reverse(name, args=[request.pk])).status_code == 404
    assert do(client, "data_request_collect", request).status_code == 404
    assert browser(town.auditor).get(reverse("data_request", args=[request.pk])).status_code == 200


def test_a_request_that_came_by_letter(town: Place):
    client = browser(town.adviser)
    form = {
        "organisation": str(town.organisation.pk),
        "kind": "access",
        "subject": "employee",
        "email": town.employee.email,
        "received_on": "2026-11-20",
        "writer": "",
    }
    assert client.post(reverse("data_request_new"), {**form, "received_on": "2026-11-25"}).status_code == 400
    assert client.post(reverse("data_request_new"), {**form, "received_on": "0001-01-01"}).status_code == 400
    assert client.post(reverse("data_request_new"), {**form, "email": "niemand@elders.invalid"}).status_code == 400
    assert client.post(reverse("data_request_new"), {**form, "words": "BSN 123456782"}).status_code == 400
    assert client.post(reverse("data_request_new"), form).status_code == 302
    request = DataRequest.objects.get()
    assert (request.user, request.due_on) == (town.employee, date(2026, 12, 20))


def test_it_says_that_more_records_go_by_this_than_it_shows(town: Place):
    incident = make_incident(town)
    for number in range(7):
        typed = Typed(name=f"Bewoner {number}", identifiers={"phone": ["06 12345678"]}, remark="")
        seen = set(Person.objects.values_list("pk", flat=True))
        make_person(incident=incident, typed=typed, seen=seen, by=town.adviser, now=clock.now())
    answer = do(browser(town.auditor), "data_request_person", ask(town, name="Bewoner 6"), phone="06 12345678")
    assert len(answer.context["records"]) == 5 and "There are more of them." in answer.content.decode()
    assert set(AuditEvent.objects.get(action="data_request.searched").fields) == {"phone", "found_7"}


def test_another_record_can_be_linked_until_data_were_collected(town: Place):
    wrong, right = record_in(town), record_in(town)
    request = ask(town, kind="erasure", name="Kees Verzonnen")
    handler, officer = browser(town.adviser), browser(town.auditor)
    do(handler, "data_request_identity", request)
    assert do(handler, "data_request_person", request, person=str(wrong.pk)).status_code == 302
    assert do(handler, "data_request_ready", request, is_granted="yes", answer="Ja.").status_code == 302
    assert do(handler, "data_request_person", request, person=str(right.pk)).status_code == 409, "the officer has it"
    assert do(officer, "data_request_back", request).status_code == 302  # that is someone else
    assert "Look for a record" in handler.get(reverse("data_request", args=[request.pk])).content.decode()
    assert do(handler, "data_request_person", request, person=str(right.pk)).status_code == 302
    request.refresh_from_db()
    assert request.person_id == right.pk
    access = ask(town, name="Kees Verzonnen", person=right)
    do(handler, "data_request_collect", access)
    assert access.pieces.exists()
    assert do(handler, "data_request_person", access, person=str(wrong.pk)).status_code == 409


def test_the_answer_is_still_there_when_it_was_sent_back(town: Place):
    request = ask(town, kind="erasure", name="Kees Verzonnen", person=record_in(town))
    handler, officer = browser(town.adviser), browser(town.auditor)
    do(handler, "data_request_identity", request)
    words = "Wij wissen wat wij mogen wissen, en dit is waarom de rest blijft."
    assert do(handler, "data_request_ready", request, is_granted="yes", answer=words).status_code == 302
    assert do(officer, "data_request_back", request).status_code == 302
    form = handler.get(reverse("data_request", args=[request.pk])).context["ready_form"]
    assert (form["answer"].value(), form["is_granted"].value()) == (words, "yes")


def test_a_citizen_is_found_by_what_is_exact(town: Place):
    incident = make_incident(town)
    typed = Typed(name="Kees Verzonnen", identifiers={"phone": ["06 12345678"]}, remark="Hij schold.")
    person = make_person(incident=incident, typed=typed, seen=set(), by=town.adviser, now=clock.now()).person
    request = ask(town, name="Kees Verzonnen")
    officer = browser(town.auditor)
    assert "No record goes by this" in do(officer, "data_request_person", request, phone="06 87654321").content.decode()
    page = do(officer, "data_request_person", request, phone="+31 6 12345678").content.decode()
    assert str(person.pk) in page
    searched = AuditEvent.objects.filter(action="data_request.searched")
    assert [event.fields for event in searched.order_by("position")] == [["found_0", "phone"], ["found_1", "phone"]]
    assert do(officer, "data_request_person", request, person=str(person.pk)).status_code == 302
    assert do(officer, "data_request_collect", request).status_code == 302
    assert "Hij schold." in [piece.given for piece in request.pieces.all()]
    stranger = Person.objects.create(organisation=make_other(town), created_at=clock.now(), created_by=town.adviser)
    assert do(officer, "data_request_person", request, person=str(stranger.pk)).status_code == 404


def test_the_desk_is_told_that_a_request_is_open(town: Place):
    incident = make_incident(town)
    typed = Typed(name="Kees Verzonnen", identifiers={"phone": ["06 12345678"]})
    person = make_person(incident=incident, typed=typed, seen=set(), by=town.adviser, now=clock.now()).person
    client = browser(town.adviser)
    open_person(
        person=person, purpose=OpeningPurpose.HANDLE, reason="Zaak", incident=None, by=town.adviser, now=clock.now()
    )
    pages = [reverse("case_reactions", args=[incident.pk]), reverse("person", args=[person.pk])]
    told = "Weigh that before you start a new reaction"
    assert not [page for page in pages if told in client.get(page).content.decode()]
    request = ask(town, name="Kees Verzonnen", kind="objection", person=person)
    assert [page for page in pages if told in client.get(page).content.decode()] == pages
    withdraw_request(request=request, by=town.adviser, now=clock.now())
    assert not [page for page in pages if told in client.get(page).content.decode()]


def test_after_a_while_what_was_collected_goes_and_later_who_asked(town: Place):
    request = ask(town, town.employee, words="Alles graag")
    walked(town, request)
    do(browser(town.auditor), "data_request_decide", request, seen=request.revision)
    file = reverse("my_data_file", args=[request.pk, "json"])
    clock.move(days=89)
    assert let_answers_go(now=clock.now()) == 0
    assert browser(town.employee).get(file).status_code == 200
    clock.move(days=2)
    assert let_answers_go(now=clock.now()) == 1 and not request.pieces.exists()
    assert browser(town.employee).get(file).status_code == 404
    assert DataRequest.objects.get().words == "Alles graag"
    clock.move(days=2 * 366)
    assert let_answers_go(now=clock.now()) == 1
    kept = DataRequest.objects.get()
    assert (kept.name, kept.contact, kept.words, kept.user) == ("", "", "", None) and kept.status == "decided"
    assert let_answers_go(now=clock.now()) == 0


def make_other(town: Place) -> Any:
    return type(town.organisation).objects.create(name="Derde", slug="derde", kind="agency", reference_prefix="DE")


ADDRESSES = [
    ("get", "data_request", ()),
    ("get", "data_pieces", ()),
    ("get", "data_request_file", ("json",)),
    *(
        ("post", f"data_request_{name}", ())
        for name in ("identity", "extend", "withdraw", "person", "collect", "ready", "back", "decide")
    ),
    ("post", "data_pieces_proposed", ()),
    ("post", "data_piece", (uuid4(),)),
]


@pytest.mark.parametrize(("method", "name", "args"), ADDRESSES)
def test_strangers_and_lesser_roles(town: Place, other_town: Place, method: str, name: str, args: Any):
    request = ask(town, town.employee)
    address = reverse(name, args=[request.pk, *args])
    assert getattr(Client(), method)(address).status_code in {200, 302}  # the sign-in page
    assert getattr(browser(other_town.auditor), method)(address).status_code == 404
    for role in ("employee", "manager", "deputy", "administrator", "management"):
        assert getattr(browser(town.people[role]), method)(address).status_code == 403, role
    request.refresh_from_db()
    assert request.status == "received" and request.revision == 0
    assert Client().get(reverse("my_data_file", args=[request.pk, "json"])).status_code == 302
    assert browser(town.manager).get(reverse("my_data_file", args=[request.pk, "json"])).status_code == 404


def test_an_adviser_never_decides(town: Place):
    request = ask(town, town.employee)
    walked(town, request)
    for name in ("data_request_decide", "data_request_back"):
        assert do(browser(town.adviser), name, request, seen=request.revision).status_code == 403
    assert do(browser(town.auditor), "data_request_decide", request, seen=request.revision).status_code == 302


def test_deciding_and_taking_asks_for_proof(town: Place, strictly: None):
    request = ask(town, town.employee)
    client = proven(town.auditor, seconds_ago=301)
    do(client, "data_request_decide", request, seen=0)
    assert not AuditEvent.objects.filter(action="data_request.decided").exists()
    file = client.get(reverse("data_request_file", args=[request.pk, "json"]))
    assert file.status_code != 200 or b"vpd-portal-access" not in file.content


@pytest.mark.parametrize("cases", [1, 3])
def test_the_pages_ask_as_much_for_three_as_for_one(town: Place, cases: int, django_assert_num_queries: Any):
    for _number in range(cases):
        make_incident(town)
        ask(town, name="Kees Verzonnen")
    request = ask(town, town.employee)
    client = browser(town.adviser)
    do(client, "data_request_collect", request)
    for name, number in (("data_request", 10), ("data_pieces", 11)):
        client.get(reverse(name, args=[request.pk]))
        with django_assert_num_queries(number):
            client.get(reverse(name, args=[request.pk]))
    with django_assert_num_queries(6):
        client.get(reverse("data_requests"))
    mine = browser(town.employee)
    mine.get(reverse("my_data"))
    with django_assert_num_queries(4):
        mine.get(reverse("my_data"))


def test_no_name_or_word_in_the_trail(town: Place):
    request = ask(town, name="Kees Verzonnen", words="Over de hond", contact="kees@verzonnen.invalid")
    client = browser(town.adviser)
    do(client, "data_request_identity", request)
    do(client, "data_request_ready", request, is_granted="no", answer="Nee, want Kees")
    told = " ".join(f"{event.action} {event.fields}" for event in AuditEvent.objects.all())
    assert "Kees" not in told and "hond" not in told and "data_request.ready" in told


def test_odd_words_come_through(town: Place):
    request = ask(town, name="<script>alert(1)</script> 😀" + "x" * 120, words="{{ 7*7 }} <b>")
    page = browser(town.adviser).get(reverse("data_request", args=[request.pk])).content.decode()
    assert "<script>alert" not in page and "&lt;script&gt;" in page and "{{ 7*7 }}" in page
