"""What holds for every page: headers, languages, and pages for when something fails."""

from typing import Any

import pytest
from django.test import Client
from django.urls import path, reverse

from incidents.views import failures
from tests.world import Place
from vpdportal.urls import urlpatterns as product


def boom(request: Any) -> None:
    raise RuntimeError("kanarie-in-de-fout")


urlpatterns = [*product, path("boom/", boom)]
handler500 = failures.server_error
handler404 = failures.not_found


def test_headers_of_a_page(town: Place, as_user: Any):
    response = as_user(town.employee).get(reverse("report"))
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert response["Cache-Control"] == "no-store"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["X-Frame-Options"] == "DENY"


def test_dutch_unless_chosen_otherwise(client: Client):
    page = client.get(reverse("sign_in"), headers={"accept-language": "en"}).content.decode()
    assert 'lang="nl"' in page and "Inloggen" in page
    response = client.post(reverse("set_language"), {"language": "en", "next": "/inloggen/"})
    assert response["Location"] == "/inloggen/"
    page = client.get(reverse("sign_in")).content.decode()
    assert 'lang="en"' in page and "Sign in" in page


@pytest.mark.parametrize(
    "target", ["https://elders.example/", "//elders.example/", "/\\elders.example", "javascript:x"]
)
def test_choosing_a_language_leads_nowhere_else(client: Client, target: str):
    assert client.post(reverse("set_language"), {"language": "en", "next": target})["Location"] == "/"


def test_an_unknown_language_is_ignored(client: Client):
    assert "vpd_language" not in client.post(reverse("set_language"), {"language": "<x>"}).cookies


@pytest.mark.urls(__name__)
def test_a_failure_says_what_to_do_and_tells_nothing(town: Place, as_user: Any):
    client = as_user(town.employee, raise_request_exception=False)
    response = client.get("/boom/")
    assert response.status_code == 500
    page = response.content.decode()
    assert "Er ging iets mis aan onze kant" in page and "kanarie" not in page and "RuntimeError" not in page


def test_sign_in_says_the_same_for_an_unknown_address_and_a_wrong_password(town: Place, client: Client):
    address = reverse("sign_in")
    known = client.post(address, {"username": town.employee.email, "password": "mis"}).content.decode()
    unknown = client.post(address, {"username": "niemand@vlinderwaard.invalid", "password": "mis"}).content.decode()
    sentence = "horen niet bij elkaar"
    assert sentence in known and sentence in unknown


def test_signing_in_and_out(town: Place, client: Client):
    credentials = {"username": town.employee.email.upper(), "password": "een heel lang wachtwoord"}
    assert client.post(reverse("sign_in"), credentials)["Location"] == "/"
    assert client.get("/").status_code == 200
    client.post(reverse("sign_out"))
    assert client.get("/").status_code == 302


@pytest.mark.parametrize(
    "what", ["a\x00b", "\ud800", "x" * 5000, "'; DROP TABLE", "../../etc/passwd", "%00", "9" * 400]
)
def test_odd_things_in_a_query_break_nothing(town: Place, as_user: Any, what: str):
    client = as_user(town.adviser)
    for address in (reverse("case_list"), reverse("work_list")):
        for name in ("number", "status", "page", "tab", "organisation"):
            text = what.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
            assert client.get(address, {name: text}).status_code == 200
    assert as_user(town.auditor).get("/logboek/vlinderwaard/", {"number": text}).status_code == 200
