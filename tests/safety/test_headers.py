"""What every answer says to a browser, whatever the answer is (reliability T19, ASVS 3.4)."""

from typing import Any

import pytest
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from tests.access.rights import GET
from tests.access.test_rights import browser_of, no_pdf, scene  # noqa: F401  fixtures
from tests.world import Place

COMMON = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
}
WANTED_IN_POLICY = (
    "default-src 'none'",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
)
NEVER_IN_POLICY = ("unsafe-inline", "unsafe-eval", "unsafe-hashes", "http:", "https:", "*", "blob:", "'strict-dynamic'")
DANGEROUS_POWERS = ("camera=()", "microphone=()", "geolocation=()", "display-capture=()", "usb=()")
TELLS_TOO_MUCH = ("Server", "X-Powered-By", "Access-Control-Allow-Origin", "SourceMap", "X-Django-Version")


def faults_of(response: HttpResponseBase) -> list[str]:
    """What is wrong with the headers of an answer that is not a static file."""
    headers = response.headers
    faults = [f"{name} is {headers.get(name)!r}" for name, value in COMMON.items() if headers.get(name) != value]
    policy = headers.get("Content-Security-Policy", "")
    if "sandbox" not in policy:  # a file that someone brought has a stricter one
        faults += [f"policy lacks {part}" for part in WANTED_IN_POLICY if part not in policy]
    faults += [f"policy has {part}" for part in NEVER_IN_POLICY if part in policy.split() or f"{part};" in policy]
    faults += [f"power not taken: {p}" for p in DANGEROUS_POWERS if p not in headers.get("Permissions-Policy", "")]
    faults += [f"tells {name}" for name in TELLS_TOO_MUCH if name in headers]
    if "no-store" not in headers.get("Cache-Control", ""):
        faults.append(f"may be kept: {headers.get('Cache-Control')!r}")
    return faults


@pytest.mark.parametrize("who", ["stranger", "employee", "adviser", "administrator", "auditor"])
def test_every_address_answers_with_all_headers(scene: dict[str, Any], no_pdf: None, who: str):  # noqa: F811
    wrong, seen = {}, set()
    for name in GET:
        address = reverse(name, args=scene["addresses"].get(name, []))
        for method in ("get", "put"):  # 405 too
            response = getattr(browser_of(scene["people"].get(who)), method)(address)
            seen.add(response.status_code)
            if found := faults_of(response):
                wrong[f"{method} {name}"] = found
    kept = {"get offline_worker", "get manifest", "get offline"}  # what works without signal is kept by the browser
    assert {name: found for name, found in wrong.items() if name not in kept} == {}
    assert {302, 405} <= seen and (who == "stranger" or {200, 404} <= seen)


def test_answers_to_nonsense_have_them_too(town: Place, settings: Any):
    strict = Client(enforce_csrf_checks=True, raise_request_exception=False)
    assert strict.post(reverse("set_language")).status_code == 403
    answers = {
        404: Client().get("/bestaat/niet/"),
        403: strict.post(reverse("set_language")),
        400: Client(raise_request_exception=False).get("/", HTTP_HOST="elders.invalid"),
    }
    for status, response in answers.items():
        assert response.status_code == status
        assert faults_of(response) == [], status


def test_a_page_that_breaks_has_them_too(town: Place, monkeypatch: pytest.MonkeyPatch, as_user: Any):
    monkeypatch.setattr("incidents.views.start.drafts_of", lambda request: 1 / 0)
    client = as_user(town.employee, raise_request_exception=False)
    response = client.get(reverse("home"))
    assert response.status_code == 500 and faults_of(response) == []
    assert b"Traceback" not in response.content and b"ZeroDivision" not in response.content


def test_static_files_are_for_our_own_pages_only(client: Client, settings: Any):
    response = client.get("/static/portal/mark.svg")
    assert response.status_code == 200
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in response.headers


def test_over_https_browsers_are_told_to_stay_there(town: Place, settings: Any):
    settings.SECURE_HSTS_SECONDS, settings.SECURE_SSL_REDIRECT = 31_536_000, True
    assert Client().get("/inloggen/")["Location"] == "https://testserver/inloggen/"
    response = Client().get("/inloggen/", secure=True)
    assert response.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"


def test_a_fault_is_found(client: Client, settings: Any):
    """The negative control: without each layer the same test says so."""
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if "OwnSite" not in one and "csp" not in one]
    found = " ".join(faults_of(Client().get("/inloggen/")))
    assert "Cross-Origin-Resource-Policy" in found and "policy lacks default-src" in found
