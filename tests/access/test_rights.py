"""Every address as every role. An address without a row fails; so does a row that names no address."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from guidance.cards import change_draft, mark_of
from guidance.changes import OwnItem
from guidance.menu import Text
from guidance.rules import Test as Comparison
from guidance.vocabulary import Phase
from incidents.actions.drafts import start_draft
from incidents.actions.evidence import keep_evidence
from incidents.actions.messages import ask_person
from incidents.actions.people import ask_witness
from incidents.models import Evidence
from incidents.vocabulary import ReportKind
from tests import clock
from tests.access.columns import COLUMNS
from tests.access.desk import desk_addresses
from tests.access.people import people_addresses
from tests.access.rights import GET, POST
from tests.access.safety import safety_addresses
from tests.files import picture
from tests.mails import failed_mail
from tests.world import Place, make_incident, make_user, open_task
from vpdportal import pdf
from vpdportal.accounts.models import User
from vpdportal.audit.models import AuditEvent

HOST = OwnItem(
    code="E1",
    phase=Phase.PREVENTION,
    title=Text("Gastheer", "Host"),
    purpose=Text("Opvang", "Reception"),
    role=Text("Balie", "Counter"),
    condition=((Comparison("severity", "min", 2),),),
)


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
    incident = make_incident(town)
    upload = SimpleUploadedFile("bewijs.png", picture())
    kept = keep_evidence(
        upload=upload,
        organisation=town.organisation,
        by=town.employee,
        form_key=incident.idempotency_key,
        now=clock.now(),
    )
    Evidence.objects.filter(pk=kept.pk).update(incident=incident)
    change_draft(
        organisation=town.organisation,
        change=lambda changes: changes.with_own(HOST),
        part=lambda changes: None,
        seen=mark_of(None),
        about="E1",
        by=town.administrator,
        now=clock.now(),
    )
    draft = start_draft(
        key=uuid4(), organisation=town.organisation, kind=ReportKind.INCIDENT, by=town.employee, now=clock.now()
    )
    asked = ask_person(
        incident=incident,
        person=town.employee,
        asks=[],
        text="Hoe gaat het?",
        form_key=uuid4(),
        by=town.adviser,
        now=clock.now(),
    )
    made = make_incident(town, by=town.manager, affected=town.employee, affected_name="Eva Voorbeeld")
    seen = make_incident(town)
    ask_witness(incident=seen, email=town.support.email, by=town.employee, now=clock.now())
    slug = town.organisation.slug
    membership = town.organisation.memberships.get(role="legal")
    place = town.organisation.locations.create(name="Balie 3", code="7K0QD1")
    return {
        "people": {
            **town.people,
            "elsewhere": other_town.adviser,
            "nobody": make_user(),
        },
        "addresses": {
            "report_status": [incident.pk],
            "report_step": [draft.pk, "gebeurd"],
            "case_became_incident": [incident.pk],
            "report_drop": [draft.pk],
            "door": [incident.pk],
            "case": [incident.pk],
            "case_facts": [incident.pk],
            "case_facts_edit": [incident.pk],
            "case_renew": [incident.pk],
            "case_severity": [incident.pk],
            "case_note": [incident.pk],
            "messages": [incident.pk],
            "question": [incident.pk, asked.pk],
            "helped": [incident.pk],
            "reopen": [incident.pk],
            "case_message": [incident.pk, town.employee.pk],
            "case_question": [incident.pk, town.employee.pk],
            "case_reopen": [incident.pk],
            "report_add": [incident.pk],
            "report_correct": [made.pk],
            "ask_support": [incident.pk],
            "receipt": [incident.pk],
            "who_looked": [incident.pk],
            "witness_ask": [incident.pk],
            "witness": [seen.pk],
            "case_witness": [incident.pk],
            "case_affected": [incident.pk],
            "visibility": [incident.pk],
            "case_visibility": [incident.pk],
            "case_close": [incident.pk],
            "case_evidence": [incident.pk, kept.pk],
            "case_evidence_copy": [incident.pk, kept.pk],
            "evidence_own": [kept.form_key, kept.pk],
            "evidence_keep": [draft.pk],
            "evidence_drop": [draft.pk, kept.pk],
            "case_measure": [incident.pk, incident.measures.get(code="R01").pk],
            "task": [open_task(incident, "R01").pk],
            "task_finish": [open_task(incident, "R01").pk],
            "task_decline": [open_task(incident, "R01").pk],
            "task_hand_over": [open_task(incident, "R01").pk],
            "absence_cancel": [incident.pk],
            "administration": [slug],
            "administration_details": [slug],
            "administration_department_new": [slug],
            "administration_department": [slug, town.department.pk],
            "administration_role_new": [slug],
            "administration_role_end": [slug, membership.pk],
            "machine_room": [slug],
            "mail_again": [slug, failed_mail(town.employee).pk],
            "mails_again": [slug],
            "menu_item": [slug, "R09"],
            "menu_try": [slug],
            "menu_rules": [slug],
            "menu_rules_pdf": [slug],
            "location_link": ["7k0qd1"],
            "locations": [slug],
            "location_new": [slug],
            "location_many": [slug],
            "location": [slug, place.pk],
            "location_off": [slug, place.pk],
            "location_poster": [slug, place.pk],
            "location_poster_pdf": [slug, place.pk],
            "location_posters": [slug],
            "location_posters_pdf": [slug],
            "card_edit": [slug],
            "card_item": [slug, "P13"],
            "card_item_new": [slug],
            "card_item_remove": [slug, "E1"],
            "card_review": [slug],
            "card_publish": [slug],
            "card_discard": [slug],
            "card_versions": [slug],
            "card_calendar": [slug],
            "card_ladder": [slug],
            "card_ladder_cell": [slug, 2, "first"],
            "card_condition": [slug, "E1", 0],
            "card_test_remove": [slug, "E1", 0, 0],
            "audit_log": [slug],
            "password_choose": ["abc", "not-a-token"],
            "demo_become": [town.employee.pk],
            **desk_addresses(town, make_incident(town)),
            **people_addresses(town),
            **safety_addresses(town, incident),
        },
    }


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
        response = client.generic(method, address, content_type="application/x-www-form-urlencoded")
        if outcome(response) != expected[column]:
            wrong[name] = f"is {outcome(response)}, the table says {expected[column]}"
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
