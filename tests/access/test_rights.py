"""Every address as every role. An address without a row fails; so does a row that names no address."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.access.columns import COLUMNS
from tests.access.looking import listening
from tests.access.rights import GET, POST
from tests.access.scene import scene_of
from tests.world import Place, make_incident
from vpdportal import pdf
from vpdportal.accounts.models import User
from vpdportal.audit.models import AuditEvent


def names(patterns: list[Any]) -> set[str]:
    found: set[str] = set()
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            found |= names(pattern.url_patterns)
        elif isinstance(pattern, URLPattern):
            found.add(str(pattern.name))
    return found


def test_every_address_has_a_row_and_every_row_an_address():
    assert names(get_resolver().url_patterns) == set(GET) | set(POST)


@pytest.fixture
def scene(town: Place, other_town: Place) -> dict[str, Any]:
    return scene_of(town, other_town)


@pytest.fixture
def no_pdf(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine on which no PDF can be made."""
    monkeypatch.setattr(pdf, "LIBRARIES", (*pdf.LIBRARIES, "vpd-no-such-library"))
    pdf.is_available.cache_clear()
    yield
    pdf.is_available.cache_clear()


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_rights(scene: dict[str, Any], no_pdf: None, column: str, method: str):
    table = POST if method == "POST" else GET
    wrong = {}
    for name, expected in table.items():
        client = browser_of(scene["people"].get(column))
        address = reverse(name, args=scene["addresses"].get(name, []))
        with listening() as written:
            response = client.generic(method, address, content_type="application/x-www-form-urlencoded")
            b"".join(response) if response.streaming else None
        if outcome(response) != expected[column]:
            wrong[name] = f"is {outcome(response)}, the table says {expected[column]}"
        elif changed := written.wrong_for(method):
            wrong[name] = f"looking changed something: {changed}"
    assert wrong == {}


def test_what_is_not_there_and_what_is_not_yours_look_the_same(scene: dict[str, Any]):
    client = browser_of(scene["people"]["elsewhere"])
    theirs = client.get(reverse("case", args=scene["addresses"]["case"]))
    nothing = client.get(reverse("case", args=["00000000-0000-4000-8000-000000000000"]))
    assert theirs.status_code == nothing.status_code == 404
    strip = lambda response, path: response.content.replace(path.encode(), b"")  # noqa: E731
    assert without_tokens(strip(theirs, theirs.request["PATH_INFO"])) == without_tokens(
        strip(nothing, nothing.request["PATH_INFO"])
    )


def test_a_withdrawn_role_is_gone_at_the_next_request(town: Place):
    incident = make_incident(town)
    client = browser_of(town.deputy)
    address = reverse("case", args=[incident.pk])
    assert client.get(address).status_code == 200
    town.organisation.memberships.filter(user=town.deputy).update(ends_on="2026-11-23")
    assert client.get(address).status_code == 403


def test_a_report_that_the_manager_may_not_see_is_nowhere_for_the_manager(town: Place):
    seen, hidden = make_incident(town), make_incident(town, may_manager_see=False)
    client = browser_of(town.manager)
    page = client.get(reverse("team")).content.decode()
    assert seen.reference in page and hidden.reference not in page
    assert client.get(reverse("door", args=[seen.pk])).status_code == 302
    assert client.get(reverse("door", args=[hidden.pk])).status_code == 404


def test_the_story_stays_with_adviser_and_reporter(town: Place):
    incident = make_incident(town, story="kanarie-in-het-verhaal", perpetrator_description="kanarie-van-de-dader")
    address = {name: reverse(name, args=[incident.pk]) for name in ("case", "report_status", "door")}
    assert "kanarie-in-het-verhaal" in browser_of(town.adviser).get(address["case"]).content.decode()
    assert "kanarie-in-het-verhaal" in browser_of(town.employee).get(address["report_status"]).content.decode()
    for role in ("manager", "support", "legal", "management", "administrator", "auditor", "analyst"):
        client = browser_of(town.people[role])
        for name in (
            "home",
            "team",
            "menu_card",
            "my_tasks",
            "overview_choose",
            "administration_choose",
            "audit_choose",
        ):
            page = client.get(reverse(name), follow=True).content.decode()
            assert "kanarie" not in page, f"{name} as {role}"


def test_every_look_at_a_case_is_written_down(town: Place):
    incident = make_incident(town)
    before = AuditEvent.objects.filter(action="incident.viewed").count()
    for _look in range(3):
        browser_of(town.adviser).get(reverse("case", args=[incident.pk]))
    views = AuditEvent.objects.filter(action="incident.viewed", object_id=incident.pk, actor_id=town.adviser.pk)
    assert views.count() - before == 3


def browser_of(user: User | None) -> Client:
    client = Client()
    if user:
        client.force_login(user)
    return client


def outcome(response: Any) -> str:
    if response.status_code == 302 and response["Location"].startswith("/inloggen/"):
        return "in" if "next=" in response["Location"] else "302"
    return str(response.status_code)


def without_tokens(content: bytes) -> bytes:
    return re.sub(rb'(csrfmiddlewaretoken" value=")[^"]+', rb"\1", content)
