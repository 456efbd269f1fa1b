"""The database is away or full: everyone is told what to do, and gets back what they typed."""

from typing import Any

import psycopg2.errors
import pytest
from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, InternalError, OperationalError, ProgrammingError
from django.test import Client
from django.urls import path

from incidents.views import failures
from incidents.views.away import is_away
from tests.safety.pages import read
from tests.safety.test_headers import faults_of
from vpdportal.urls import urlpatterns as product

WORDS = "Hij riep <script>alert(1)</script>\nen gooide een stoel 😡"
BOUND = "form-key-0123456789"


def falling(error: BaseException) -> Any:
    @login_not_required
    def view(request: Any) -> None:
        raise error

    return view


def standby() -> Exception:
    error = InternalError("cannot execute INSERT in a read-only transaction")
    error.__cause__ = type("ReadOnly", (psycopg2.errors.ReadOnlySqlTransaction,), {"pgcode": "25006"})()
    return error


urlpatterns = [
    *product,
    path("weg/", falling(OperationalError("could not extend file: No space left on device kanarie"))),
    path("los/", falling(InterfaceError("connection already closed"))),
    path("stuk/", falling(ProgrammingError("relation does not exist"))),
]
handler500 = failures.server_error
pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]


@pytest.fixture
def browser() -> Client:
    client = Client(raise_request_exception=False)
    client.cookies["vpd_language"] = "en"
    return client


def test_what_was_typed_stands_there_to_be_sent_again(browser: Client):
    response = browser.post("/weg/?a=1", {"story": WORDS, "form_key": BOUND, "days": ["ma", "di"]})
    page = response.content.decode()
    assert response.status_code == 503 and response["Retry-After"] == "30"
    assert "Keep this page open" in page and "Send it again" in page and "kanarie" not in page
    assert 'action="/weg/?a=1"' in page and f'name="form_key" value="{BOUND}"' in page
    assert page.count('name="days"') == 2
    assert "Hij riep &lt;script&gt;alert(1)&lt;/script&gt;<br>en gooide een stoel 😡" in page, "to be read, and copied"
    assert response.wsgi_request.failure_number in page
    assert read(page).faults == [] and faults_of(response) == []


def test_what_is_sent_again_passes_the_check_of_forms():
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    client.get("/inloggen/")
    token = client.cookies["vpd_csrf"].value
    for _turn in range(2):
        response = client.post("/weg/", {"story": "a b", "csrfmiddlewaretoken": token})
        assert response.status_code == 503
        token = response.content.decode().partition('csrfmiddlewaretoken" value="')[2].partition('"')[0]


def test_a_password_is_not_repeated(browser: Client):
    for name in ("password", "new_password1", "stap-code"):
        page = browser.post("/weg/", {"username": "noor vlinder", name: "heel geheim"}).content.decode()
        assert "heel geheim" not in page and "noor vlinder" not in page and "Wait a minute, go back" in page


def test_who_only_looked_is_told_to_try_again(browser: Client):
    response = browser.get("/los/")
    page = response.content.decode()
    assert response.status_code == 503 and "Try again" in page and 'href="/los/"' in page and "<form" not in page


def test_a_page_that_keeps_by_itself_hears_it_in_words(browser: Client):
    response = browser.post("/weg/", {"story": WORDS}, headers={"accept": "application/json"})
    assert response.status_code == 503 and "Keep this page open" in response.json()["error"]


def test_files_have_to_be_chosen_again_and_half_a_form_is_no_second_failure(browser: Client):
    whole = browser.post("/weg/", {"story": "a b"})  # the test client sends forms as with files
    assert "Files have to be chosen again" in whole.content.decode()
    broken = browser.generic("POST", "/weg/", b"--x\r\nnot a form", content_type="multipart/form-data; boundary=y")
    assert broken.status_code == 503


def test_a_mistake_of_ours_stays_one(browser: Client):
    assert browser.post("/stuk/", {"story": "a b"}).status_code == 500


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OperationalError("server closed the connection unexpectedly"), True),
        (OperationalError("database or disk is full"), True),
        (InterfaceError("cursor already closed"), True),
        (standby(), True),
        (OperationalError("no such table: incidents_incident"), False),
        (InternalError("current transaction is aborted"), False),
        (ProgrammingError("x"), False),
        (OSError("x"), False),
        (None, False),
    ],
)
def test_what_counts_as_away(error: BaseException | None, expected: bool):
    assert is_away(error) is expected
