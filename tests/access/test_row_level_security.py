"""The second lock: with every door of the first one open, nothing of another organisation comes out (T08, ADR 31)."""

import random
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from contextvars import Context
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.models import AnonymousUser
from django.db import ProgrammingError, connection, connections, transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, get_resolver, reverse

from incidents.models import Incident, Location, Note, Task
from incidents.querysets import IncidentQuerySet, PersonQuerySet, ReactionQuerySet, TaskQuerySet
from tests import clock
from tests.access.desk import desk_addresses
from tests.at_once import at_once
from tests.conftest import need
from tests.world import Place, make_incident, make_place, open_task
from vpdportal.accounts.models import Membership, User
from vpdportal.audit.chain import record, verify
from vpdportal.audit.models import AuditEvent, ChainHead
from vpdportal.celery import app
from vpdportal.middleware import TenancyMiddleware
from vpdportal.row_level_security import POLICY
from vpdportal.safe_start.database_checks import check_database, guarded_models
from vpdportal.tenancy import EVERYWHERE, NOWHERE, everywhere, present, reaching, within

ROOT = Path(__file__).resolve().parent.parent.parent
CANARY = "Kanariegeel"
CASES = "SELECT count(*) FROM incidents_incident"
OF_A_PERSON = "of one person, in whatever organisation"
OF_NOBODY = "holds nothing of an organisation"
WITHOUT_ORGANISATION = {
    "accounts.User": OF_A_PERSON,
    "incidents.SavedList": OF_A_PERSON,
    "incidents.CalendarFeed": OF_A_PERSON + "; only a hash",
    "incidents.Mail": OF_A_PERSON + ": one mail can tell of two organisations, and holds no text",
    "incidents.OfflineKey": OF_A_PERSON,
    "incidents.Heartbeat": OF_NOBODY,
    "demo.ClockShift": OF_NOBODY,
    "demo.Past": OF_NOBODY,
    "demo.MailboxMessage": OF_NOBODY,
    "demo.DemoPerson": OF_NOBODY,
}
PACKAGES = {
    "account",
    "mfa",
    "socialaccount",
    "usersessions",
    "auth",
    "contenttypes",
    "sessions",
}  # of a person, at most
SMALL_CROWD, ROUNDS = 4, 60  # threads, and requests of each


def test_each_model_is_of_an_organisation_or_says_why_not():
    guarded = {model._meta.label for model in guarded_models()}
    others = {one._meta.label for one in apps.get_models() if one._meta.app_label not in PACKAGES} - guarded
    assert others == set(WITHOUT_ORGANISATION)
    assert {"incidents.Incident", "accounts.Organisation", "audit.AuditEvent", "audit.ChainHead"} <= guarded


def test_nothing_said_is_nowhere(town: Place):
    assert Context().run(present) == NOWHERE
    assert present() == EVERYWHERE  # what tests say, for all of them


def test_a_task_of_the_machine_and_a_command_are_everywhere():
    task = app.task(present, name="tests.present", shared=False)
    assert Context().run(task) == EVERYWHERE
    ask = "from vpdportal.tenancy import present; print(present().is_everywhere)"
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", ask]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.stdout.strip().endswith("True"), done.stderr


@pytest.fixture
def postgresql(db: None) -> None:
    if connection.vendor != "postgresql":
        need("", "services")


def counted(sql: str = CASES) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0])


def force(is_on: bool) -> None:
    """The owner of the tables is held to the policies, or not; until the end of the test."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for model in guarded_models():
            cursor.execute(f"ALTER TABLE {model._meta.db_table} {'' if is_on else 'NO '}FORCE ROW LEVEL SECURITY")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.fixture
def open_doors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every way in lets everyone through to everything, as if a filter were forgotten in each."""
    ways = {
        IncidentQuerySet: "visible_to own of_team worked_by witnessed_by not_kept_out not_hidden_from",
        TaskQuerySet: "visible_to not_hidden_from",
        PersonQuerySet: "handled_by",
        ReactionQuerySet: "visible_to",
    }
    for queryset, names in ways.items():
        for name in names.split():
            monkeypatch.setattr(queryset, name, lambda rows, *_args, **_kwargs: rows)


# --- the tables ------------------------------------------------------------------------------------------------------


@pytest.mark.services
def test_each_table_of_an_organisation_enforces_its_policy(postgresql: None):
    sql = (
        "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity AND EXISTS "
        f"(SELECT 1 FROM pg_policy WHERE polrelid = pg_class.oid AND polname = '{POLICY}')"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql)
        assert {name for (name,) in cursor.fetchall()} == {model._meta.db_table for model in guarded_models()}


@pytest.mark.services
def test_the_check_names_a_table_that_does_not(postgresql: None):
    assert check_database(databases=["default"]) == []
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE incidents_note NO FORCE ROW LEVEL SECURITY")
        cursor.execute(f"DROP POLICY {POLICY} ON incidents_letter")
        cursor.execute("ALTER TABLE accounts_absence DISABLE ROW LEVEL SECURITY")
    found = check_database(databases=["default"])
    assert {one.id for one in found} == {"safe_start.E003"}
    assert {one.msg.split()[2] for one in found} == {"incidents_note", "incidents_letter", "accounts_absence"}


# --- pages -----------------------------------------------------------------------------------------------------------


def pages(town: Place, incident: Incident) -> set[str]:
    """Each page without an object, and each of a case of the town."""
    named: set[str] = set()
    for name in {key for key in get_resolver().reverse_dict if isinstance(key, str)} - {"sign_out"}:
        try:
            named.add(reverse(name))
        except NoReverseMatch:
            continue
    task = reverse("task", args=[open_task(incident, "R01").pk])
    search = f"{reverse('case_list')}?q={incident.reference.lower()}"  # a page says again what was asked
    of_case = {reverse(name, args=given) for name, given in desk_addresses(town, incident).items() if given}
    return named | of_case | {task, search, reverse("case", args=[incident.pk])}


def leaks(client: Client, addresses: Iterable[str], canaries: list[str]) -> set[str]:
    """The addresses of which the answer holds one of these words."""
    found = set()
    for address in addresses:
        response = client.get(address, follow=True)
        parts = response.streaming_content if response.streaming else [response.content]
        content = b"".join(parts).decode(errors="replace")
        if any(canary in content for canary in canaries):
            found.add(address)
    return found


@pytest.mark.services
@pytest.mark.parametrize("role", ["adviser", "manager", "analyst"])
def test_with_all_doors_open_nothing_of_another_organisation(
    postgresql: None, town: Place, other_town: Place, open_doors: None, as_user: Any, role: str
):
    incident = make_incident(town, story=f"{CANARY} was de muur.")
    other = make_incident(other_town, story="Hij riep iets.")
    client = as_user(other_town.people[role])
    client.raise_request_exception = False
    client.cookies["vpd_language"] = "en"
    addresses = pages(town, incident)
    assert len(addresses) > 40
    canaries = [CANARY, incident.reference, town.organisation.name]
    assert leaks(client, addresses, canaries) == set()
    if role == "adviser":
        own = {reverse("case", args=[other.pk]), reverse("case_list")}
        assert leaks(client, own, [other.reference]) == own, "its own it still sees"
        force(False)
        seen = leaks(client, addresses, canaries)
        assert reverse("case_list") in seen and len(seen) > 1


@pytest.mark.services
def test_the_feed_of_a_calendar_holds_its_owners_organisations(
    postgresql: None, town: Place, other_town: Place, open_doors: None, as_user: Any
):
    for place in (town, other_town):
        Task.objects.filter(incident=make_incident(place)).update(assignee=town.adviser)
    client = as_user(town.adviser)
    client.cookies["vpd_language"] = "en"
    made = client.post(reverse("calendar_feed"), {"do": "make", "seen": ""})
    address = made.context["address"].removeprefix("http://testserver")
    feed = Client().get(address).content.decode()
    assert "VW-" in feed and "EL-" not in feed
    force(False)
    assert "EL-" in Client().get(address).content.decode()


# --- what a request may touch ----------------------------------------------------------------------------------------


def request_of(user: User | None) -> HttpRequest:
    client = Client()
    if user:
        client.force_login(user)
    request = RequestFactory().get("/")
    request.session = client.session
    request.user = AnonymousUser()
    request.now = clock.now()  # type: ignore[attr-defined]
    return request


def in_request(user: User | None, act: Callable[[HttpRequest], Any]) -> Any:
    """What this gives in a request of this person, behind the middleware."""
    given: list[Any] = []

    def view(request: HttpRequest) -> HttpResponse:
        given.append(act(request))
        return HttpResponse()

    TenancyMiddleware(view)(request_of(user))
    return given[0]


@pytest.mark.services
def test_bare_sql_sees_the_own_organisations_only(postgresql: None, town: Place, other_town: Place):
    for place in (town, town, other_town):
        make_incident(place)
    town.join(other_town.deputy, "employee")
    Membership.objects.filter(organisation=town.organisation, user=other_town.deputy).update(ends_on="2021-01-01")
    assert counted() == 3
    assert in_request(town.adviser, lambda request: counted()) == 2
    assert in_request(other_town.adviser, lambda request: counted()) == 1
    assert in_request(other_town.deputy, lambda request: counted()) == 3, "also where one was something once"
    assert in_request(None, lambda request: counted()) == 0
    assert counted() == 3, "and the request leaves nothing behind"


@pytest.mark.services
def test_who_signs_in_or_out_halfway_has_other_rows_from_then_on(postgresql: None, town: Place):
    make_incident(town)

    def act(request: HttpRequest) -> list[int]:
        seen = [counted()]
        login(request, town.adviser, backend=settings.AUTHENTICATION_BACKENDS[0])
        seen.append(counted())
        logout(request)
        return [*seen, counted()]

    assert in_request(None, act) == [0, 1, 0]


@pytest.mark.services
def test_a_file_in_pieces_keeps_the_scope_to_its_end(postgresql: None, town: Place, other_town: Place):
    for place in (town, other_town, other_town):
        make_incident(place)

    def view(request: HttpRequest) -> StreamingHttpResponse:
        return StreamingHttpResponse(str(counted()) for _piece in range(3))

    response = TenancyMiddleware(view)(request_of(other_town.adviser))
    assert counted() == 3
    assert b"".join(response.streaming_content) == b"222"  # type: ignore[attr-defined]
    assert counted() == 3


@pytest.mark.services
def test_a_row_for_another_organisation_is_refused(postgresql: None, town: Place, other_town: Place):
    own = Location.objects.create(organisation=town.organisation, name="Balie", code="7K0QD1")
    other = Location.objects.create(organisation=other_town.organisation, name="Balie", code="7K0QD2")
    incident = make_incident(other_town)
    with within([town.organisation.pk]):
        Location.objects.create(organisation=town.organisation, name="Balie 2", code="7K0QD3")
        note = {"incident": incident, "by": town.adviser, "at": clock.now(), "text": "Zomaar."}
        for act in (
            lambda: Location.objects.create(organisation=other_town.organisation, name="B", code="7K0QD4"),
            lambda: Location.objects.filter(pk=own.pk).update(organisation=other_town.organisation),
            lambda: Note.objects.create(organisation=other_town.organisation, **note),
            lambda: Membership.objects.create(
                organisation=other_town.organisation, user=town.adviser, role="adviser", starts_on="2026-01-01"
            ),
        ):
            with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
                act()
        assert Location.objects.filter(pk=other.pk).update(name="Weg") == 0
        assert Location.objects.filter(pk=other.pk).delete()[0] == 0
    other.refresh_from_db()
    assert other.name == "Balie"


@pytest.mark.services
def test_the_trail_is_written_whoever_is_at_work_and_read_by_its_own(postgresql: None, town: Place, other_town: Place):
    def note(organisation: Any) -> None:
        record(
            action="sign_in.failed", now=clock.now(), actor_id=None, organisation_id=organisation, object_type="user"
        )

    def act(request: HttpRequest) -> tuple[int, int]:
        note(town.organisation.pk)
        note(None)
        return AuditEvent.objects.count(), ChainHead.objects.exclude(chain="installation").count()

    assert in_request(None, act) == (0, 0)
    assert verify(town.organisation.pk).is_whole and verify(None).is_whole
    theirs = in_request(town.auditor, lambda request: set(AuditEvent.objects.values_list("organisation_id", flat=True)))
    assert theirs == {town.organisation.pk}
    with within([other_town.organisation.pk]), pytest.raises(ProgrammingError), transaction.atomic():
        AuditEvent.objects.create(
            organisation_id=town.organisation.pk, position=99, at=clock.now(), action="a", object_type="b"
        )


# --- the connection --------------------------------------------------------------------------------------------------


@pytest.mark.services
def test_after_a_rollback_the_scope_is_said_again(postgresql: None, town: Place, other_town: Place):
    for place in (town, other_town, other_town):
        make_incident(place)
    one, two = within([town.organisation.pk]), [other_town.organisation.pk]
    with one:
        assert counted() == 1
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            with within(two):
                assert counted() == 2
            raise ZeroDivisionError
        assert counted() == 1
        with within(two):
            with pytest.raises(ProgrammingError), transaction.atomic():
                counted("SELECT nothing FROM nowhere")
            assert counted() == 2
            with transaction.atomic():
                assert counted() == 2
        assert counted() == 1


@pytest.mark.services
def test_a_cursor_on_the_server_keeps_the_scope_in_which_it_was_opened(
    postgresql: None, town: Place, other_town: Place
):
    for place in (town, other_town, town, other_town, town):
        make_incident(place)
    with within([town.organisation.pk]):
        rows = Incident.objects.iterator(chunk_size=1)
        seen = [next(rows).organisation_id]
    seen += [row.organisation_id for row in rows]
    assert seen == [town.organisation.pk] * 3 and counted() == 5


@pytest.mark.services
def test_a_thread_and_a_reused_connection_begin_with_nothing(postgresql: None, committed: None):
    town = make_place("Vlinderwaard")
    make_incident(town)
    seen: list[int] = []

    def bare() -> None:
        """Twice on one connection of its own, as a web server's thread; in between someone else's request."""
        try:
            seen.append(counted())
            with within([town.organisation.pk]), transaction.atomic():
                seen.append(counted())
            with pytest.raises(ZeroDivisionError), everywhere(), transaction.atomic():
                seen.append(counted())
                raise ZeroDivisionError
            seen.append(counted())
            with everywhere():
                seen.append(counted())
            with transaction.atomic():
                seen.append(counted())
                with suppress(ProgrammingError):
                    counted("SELECT nothing FROM nowhere")
            seen.append(counted())
        finally:
            connections.close_all()

    thread = threading.Thread(target=lambda: Context().run(bare))
    thread.start()
    thread.join()
    assert seen == [0, 1, 1, 0, 1, 0, 0]


@pytest.mark.services
def test_requests_of_two_organisations_at_once_never_mix(postgresql: None, committed: None, open_doors: None):
    places = make_place("Vlinderwaard"), make_place("Elders", prefix="EL")
    incidents = [make_incident(place) for place in places]
    wrong: list[str] = []

    def visit(number: int) -> None:
        dice = random.Random(number)  # noqa: S311
        browsers = [Client(), Client()]
        for browser, place in zip(browsers, places, strict=True):
            browser.force_login(place.adviser)
        for _round in range(ROUNDS):
            own = dice.randrange(2)
            address = dice.choice(["case_list", "work_list", "reaction_register", "case", "case_of_other"])
            case = incidents[own if address == "case" else 1 - own]
            is_of_case = address.startswith("case") and address != "case_list"
            path = reverse("case", args=[case.pk]) if is_of_case else reverse(address)
            response = browsers[own].get(path)
            if incidents[1 - own].reference in response.content.decode():
                wrong.append(f"{address} of the other")
            if address in {"case", "case_list"} and incidents[own].reference not in response.content.decode():
                wrong.append(f"{address} without the own")

    assert at_once(*[lambda number=number: visit(number) for number in range(SMALL_CROWD)]) == []
    assert wrong == []


def test_reaching_narrows_only_where_it_must(town: Place, other_town: Place):
    here, there = town.organisation.pk, other_town.organisation.pk
    with within([here]):
        with reaching(here):
            assert present().organisations == {here}
        with reaching(there):
            assert present().organisations == {there}
    with reaching(here):
        assert present() == EVERYWHERE
