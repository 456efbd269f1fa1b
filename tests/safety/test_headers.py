"""What every answer says to a browser, whatever the answer is (reliability T19, ASVS 3.4)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from incidents.actions.calendar_feeds import feed_mark, make_feed
from tests import clock
from tests.access.rights import GET
from tests.access.test_rights import browser_of, no_pdf, scene  # noqa: F401  fixtures
from tests.world import Place, make_incident
from vpdportal.accounts.models import User
from vpdportal.how_often import limit_of

COMMON = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
}
STRICTER = {"Referrer-Policy": "no-referrer"}  # of a calendar: its address is a secret
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
    faults = [
        f"{name} is {headers.get(name)!r}"
        for name, value in COMMON.items()
        if headers.get(name) not in {value, STRICTER.get(name, value)}
    ]
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


CUT = b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\nhalf'
NO_TOKEN = {"enforce_csrf_checks": True}


def quiet(user: User | None = None, **options: Any) -> Client:
    """A browser that gets the page of a failure, as real ones do."""
    client = Client(raise_request_exception=False, **options)
    if user:
        client.force_login(user)
    return client


def note_of(town: Place, **sent: Any) -> Any:
    return quiet(town.adviser).post(reverse("case_note", args=[make_incident(town).pk]), **sent)


def too_often(town: Place, **more: Any) -> Any:
    client, times = quiet(town.adviser), limit_of("case_search", "GET")
    assert times is not None
    return [client.get(reverse("case_search"), **more) for _time in range(times.most + 1)][-1]


def feed_of(town: Place) -> Any:
    secret = make_feed(user=town.adviser, seen=feed_mark(None), now=clock.now())
    return quiet().get(reverse("calendar_file", args=[secret]))


def export_of(town: Place, **data: str) -> Any:
    make_incident(town)
    return quiet(town.adviser).post(reverse("case_export"), data)


# Answers that no walk over addresses meets: what it is, its status, and how it comes about.
ANSWERS: dict[str, tuple[int, Callable[[Place], Any]]] = {
    "a host that is not ours": (400, lambda town: quiet().get("/", HTTP_HOST="elders.invalid")),
    "a form that broke off": (400, lambda town: note_of(town, data=CUT, content_type="multipart/form-data")),
    "a form with a mistake": (400, lambda town: note_of(town, data={"text": ""})),
    "no token": (403, lambda town: quiet(**NO_TOKEN).post(reverse("set_language"))),
    "no token, signed in": (403, lambda town: quiet(town.adviser, **NO_TOKEN).post(reverse("case_search"))),
    "no right": (403, lambda town: quiet(town.employee).get(reverse("work_list"))),
    "no page": (404, lambda town: quiet().get("/bestaat/niet/")),
    "nothing of theirs": (404, lambda town: quiet(town.adviser).get(reverse("case", args=[town.department.pk]))),
    "no such secret": (404, lambda town: quiet().get(reverse("calendar_file", args=["0" * 43]))),
    "no such method": (405, lambda town: quiet(town.adviser).delete(reverse("work_list"))),
    "refused as it stands now": (409, lambda town: quiet(town.adviser).post(reverse("case_export"), EXPORT)),
    "too many fields": (413, lambda town: note_of(town, data=dict.fromkeys(map(str, range(501)), "x"))),
    "too long": (413, lambda town: note_of(town, data={"text": "x" * 1001})),
    "too often": (429, too_often),
    "too often, to a script": (429, lambda town: too_often(town, HTTP_ACCEPT="application/json")),
    "a calendar": (200, feed_of),
    "a list to take along": (200, lambda town: export_of(town, **EXPORT)),
    "nothing for search engines": (200, lambda town: quiet().get("/robots.txt")),
}
EXPORT = {"purpose": "check", "file": "xlsx"}


@pytest.mark.parametrize("name", ANSWERS)
def test_every_other_answer_has_them_too(town: Place, limited: None, settings: Any, name: str):
    status, answer = ANSWERS[name]
    if status == 413:  # noqa: PLR2004
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    response = answer(town)
    assert (response.status_code, faults_of(response)) == (status, [])


def test_what_someone_brought_has_a_stricter_policy(scene: dict[str, Any]):  # noqa: F811
    """Nothing of it runs, and it is never shown on our origin."""
    for who, name in (("adviser", "case_evidence"), ("employee", "evidence_own")):
        response = browser_of(scene["people"][who]).get(reverse(name, args=scene["addresses"][name]))
        b"".join(response.streaming_content)  # type: ignore[attr-defined]
        assert (response.status_code, faults_of(response)) == (200, []), name
        assert response.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert response.headers["Content-Disposition"].startswith("attachment")


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
    nothing = client.get("/static/portal/bestaat-niet.js")
    assert nothing.status_code == 404 and faults_of(nothing) == []


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
