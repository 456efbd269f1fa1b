"""Reporting: what comes in, what is refused and how, and that nothing typed is ever lost."""

from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from incidents.actions.evidence import remove_unclaimed_evidence
from incidents.models import Evidence, Incident, Notice, Task
from tests import clock
from tests.world import PASSWORD, Place, make_user, report_data
from vpdportal.accounts.models import Membership, User
from vpdportal.audit.models import AuditEvent

STORY = "Hij begon te schelden toen ik nee zei. 😡"


def png(size: tuple[int, int] = (4, 4)) -> bytes:
    stream = BytesIO()
    Image.new("RGB", size, "red").save(stream, "PNG")
    return stream.getvalue()


@pytest.fixture
def send(as_user: Any, owner_mark: Any):
    """Send the report form as someone; fields that a test names replace the valid ones."""

    def sending(at: Place, /, by: User | None = None, client: Client | None = None, **more: Any):
        who = by or at.employee
        data = {"owner": owner_mark(who), **report_data(at, **more)}
        return (client or as_user(who)).post(reverse("report"), {k: v for k, v in data.items() if v is not None})

    return sending


def test_a_report_sets_everything_in_motion(town: Place, send: Any, as_user: Any):
    response = send(town)
    incident = Incident.objects.get()
    assert response["Location"] == reverse("report_status", args=[incident.pk])
    assert incident.story == STORY
    assert (incident.severity, incident.main_behaviour, incident.department) == (2, "verbal_abuse", town.department)
    assert incident.occurred_at == datetime(2026, 11, 24, 7, 30, tzinfo=UTC)
    assert set(incident.measures.values_list("code", flat=True)) >= {"R01", "R03", "R06", "R24", "N01", "N02", "P16"}
    assert {task.assignee for task in Task.objects.all()} == {town.adviser}
    assert Notice.objects.filter(step="assigned", recipient=town.adviser).count() == Task.objects.count()
    assert AuditEvent.objects.filter(action="incident.reported", object_id=incident.pk).count() == 1
    page = as_user(town.employee).get(response["Location"]).content.decode()
    assert incident.reference in page and town.adviser.name in page


def test_a_double_click_is_one_report(town: Place, send: Any):
    key = str(uuid4())
    first, second = send(town, key=key), send(town, key=key)
    assert first["Location"] == second["Location"]
    assert Incident.objects.count() == 1


def test_the_same_key_of_someone_else_is_another_report(town: Place, send: Any):
    key = str(uuid4())
    send(town, key=key)
    send(town, by=town.manager, key=key)
    assert Incident.objects.count() == 2


WRONG = {
    "no behaviour": {"behaviours": []},
    "unknown behaviour": {"behaviours": ["dancing"]},
    "worst not ticked": {"main_behaviour": "threat"},
    "no story": {"story": "  "},
    "story too long": {"story": "x" * 4001},
    "story with a zero byte": {"story": "a\x00b"},
    "no day": {"day": ""},
    "day is words": {"day": "gisteren"},
    "day too long ago": {"day": "1999-12-31"},
    "day in the far future": {"day": "9999-12-31"},
    "no hour": {"hour": ""},
    "hour of no day": {"hour": "25:00"},
    "moment to come": {"hour": "23:30"},
    "no channel": {"channel": ""},
    "unknown channel": {"channel": "carrier pigeon"},
    "no department": {"department": ""},
    "department of no one": {"department": str(uuid4())},
    "department is words": {"department": "abc"},
    "key is words": {"key": "abc"},
    "for someone without a name": {"for_other": "yes", "affected_name": ""},
    "address that is none": {"affected_email": "geen adres"},
    "known is not answered": {"perpetrator_known": ""},
    "witnesses below zero": {"witnesses": "-1"},
    "witnesses without end": {"witnesses": "9" * 40},
    "support is not answered": {"wants_support": ""},
    "manager is not answered": {"may_manager_see": ""},
    "feeling beyond the scale": {"safety_feeling": "6"},
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG.keys())
def test_a_wrong_field_is_named_and_the_rest_comes_back(town: Place, send: Any, change: dict[str, Any]):
    response = send(town, **{"place": "balie 3, bij de 🌳", **change})
    page = response.content.decode()
    assert response.status_code == 400
    assert 'id="errors"' in page and ('_error"' in page or "key" in change)
    assert "balie 3, bij de 🌳" in page
    if "story" not in change:
        assert STORY in page
    assert Incident.objects.count() == 0


def test_a_department_of_another_organisation_is_refused(town: Place, other_town: Place, send: Any):
    assert send(town, department=str(other_town.department.pk)).status_code == 400
    assert send(town, organisation=str(other_town.organisation.pk)).status_code == 400
    assert Incident.objects.count() == 0


@pytest.mark.parametrize(
    ("day", "hour", "stored"),
    [
        ("2026-10-25", "02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # comes twice: the first one
        ("2026-03-29", "02:30", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),  # does not exist: an hour on
    ],
)
def test_the_nights_when_the_clock_changes_can_be_reported(
    town: Place, send: Any, day: str, hour: str, stored: datetime
):
    assert send(town, day=day, hour=hour).status_code == 302
    assert Incident.objects.get().occurred_at == stored


def test_a_session_that_ended_while_typing_costs_nothing(town: Place, send: Any):
    client = Client()  # signed out
    page = send(town, client=client)
    assert page.status_code == 200 and STORY in page.content.decode()
    assert Incident.objects.count() == 0
    data = {**dict(page.context["typed"]), "behaviours": ["verbal_abuse"]}
    signed_in = client.post(reverse("report"), {**data, "username": town.employee.email, "password": PASSWORD})
    assert signed_in.status_code == 200 and STORY in signed_in.content.decode()
    assert Incident.objects.count() == 0, "looked at again before it is sent"
    assert client.post(reverse("report"), data).status_code == 302
    assert Incident.objects.get().story == STORY


def test_a_wrong_password_keeps_the_text_too(town: Place, send: Any):
    client = Client()
    data = dict(send(town, client=client).context["typed"])
    page = client.post(reverse("report"), {**data, "username": town.employee.email, "password": "mis"})
    assert STORY in page.content.decode()


def test_someone_else_who_signs_in_does_not_get_the_text(town: Place, send: Any):
    client = Client()
    data = dict(send(town, client=client).context["typed"])
    page = client.post(reverse("report"), {**data, "username": town.manager.email, "password": PASSWORD})
    assert STORY not in page.content.decode()


def test_an_old_page_comes_back_whole(town: Place, send: Any, as_user: Any):
    client = as_user(town.employee, enforce_csrf_checks=True)
    page = send(town, client=client)
    assert page.status_code == 403 and STORY in page.content.decode()
    assert Incident.objects.count() == 0
    stranger = send(town, client=Client(enforce_csrf_checks=True))
    assert stranger.status_code == 403 and STORY in stranger.content.decode()


def test_evidence_is_sealed_and_comes_back_as_it_was(town: Place, send: Any, as_user: Any):
    picture = png()
    send(town, evidence=[SimpleUploadedFile("foto.png", picture), SimpleUploadedFile("brief.pdf", b"%PDF-1.7 brief")])
    kept = Evidence.objects.get(content_type="image/png")
    assert kept.incident == Incident.objects.get() and kept.name == "foto.png"
    with storages["evidence"].open(kept.path) as stored:
        assert picture not in stored.read()
    response = as_user(town.adviser).get(reverse("case_evidence", args=[kept.incident_id, kept.pk]))
    assert response.content == picture
    assert response["Content-Disposition"].startswith("attachment") and "foto" not in response["Content-Disposition"]
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("virus.png", b"MZ\x90\x00 not a picture"),
        ("pagina.pdf", b"<html><script>alert(1)</script>"),
        ("tekening.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("leeg.png", b""),
        ("half.png", png()[:40]),
    ],
)
def test_a_file_is_judged_by_its_content(town: Place, send: Any, name: str, content: bytes):
    response = send(town, evidence=[SimpleUploadedFile(name, content)])
    assert response.status_code == 400 and STORY in response.content.decode()
    assert Evidence.objects.count() == 0


def test_a_file_that_is_too_large_says_so_and_loses_nothing(town: Place, send: Any, settings: Any):
    settings.EVIDENCE_MAX_BYTES = 1000
    large, small = SimpleUploadedFile("groot.pdf", b"%PDF" + b"x" * 2000), SimpleUploadedFile("klein.pdf", b"%PDF-1.7")
    key = str(uuid4())
    page = send(town, key=key, evidence=[large, small])
    assert page.status_code == 400
    assert (
        "groot.pdf" in page.content.decode() and "klein.pdf" in page.content.decode() and STORY in page.content.decode()
    )
    send(town, key=key)
    assert [evidence.name for evidence in Incident.objects.get().evidence.all()] == ["klein.pdf"]


def test_a_full_disk_does_not_cost_the_report(town: Place, send: Any, settings: Any, tmp_path: Any):
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be")
    settings.STORAGES = {
        **settings.STORAGES,
        "evidence": {**settings.STORAGES["evidence"], "OPTIONS": {"location": blocked}},
    }
    key = str(uuid4())
    page = send(town, key=key, evidence=[SimpleUploadedFile("brief.pdf", b"%PDF-1.7")])
    assert page.status_code == 400 and STORY in page.content.decode() and "brief.pdf" in page.content.decode()
    assert send(town, key=key).status_code == 302 and Incident.objects.count() == 1


def test_no_more_files_than_allowed(town: Place, send: Any, settings: Any):
    settings.EVIDENCE_MAX_FILES = 2
    files = [SimpleUploadedFile(f"{n}.pdf", f"%PDF-1.7 {n}".encode()) for n in range(3)]
    assert send(town, evidence=files).status_code == 400
    assert Evidence.objects.count() == 2


def test_files_of_a_form_that_was_never_sent_go_after_14_days(town: Place, send: Any):
    send(town, story="", evidence=[SimpleUploadedFile("brief.pdf", b"%PDF-1.7")])
    path = Evidence.objects.get().path
    assert remove_unclaimed_evidence(now=clock.move(days=13)) == 0
    assert remove_unclaimed_evidence(now=clock.move(days=2)) == 1
    assert not storages["evidence"].exists(path)


def test_reported_for_a_colleague(town: Place, send: Any, as_user: Any):
    colleague = make_user("Jolanda Getroffen")
    town.join(colleague, "employee", town.department)
    send(town, for_other="yes", affected_name="Jolanda Getroffen", affected_email=colleague.email.upper())
    incident = Incident.objects.get()
    assert incident.affected == colleague and incident.facts.reported_for_other is True
    address = reverse("report_status", args=[incident.pk])
    assert STORY in as_user(colleague).get(address).content.decode()
    receipt = as_user(town.employee).get(address).content.decode()
    assert incident.reference in receipt and STORY not in receipt


def test_an_unknown_colleague_gives_the_same_answer(town: Place, other_town: Place, send: Any):
    response = send(town, for_other="yes", affected_name="X", affected_email=other_town.employee.email)
    assert response.status_code == 302 and Incident.objects.get().affected is None


def test_unknown_stays_unknown(town: Place, send: Any):
    send(town, injury="unknown", weapon=None, witnesses="")
    known = Incident.objects.get().facts
    assert known.injury is None and known.weapon is None and known.witnesses is None
    assert known.perpetrator_known is True and known.ongoing_threat is False


def test_an_organisation_without_an_adviser_refuses_and_says_what_to_do(town: Place, send: Any):
    Membership.objects.filter(role__in=["adviser", "deputy"]).delete()
    response = send(town)
    assert response.status_code == 409 and STORY in response.content.decode()
    assert Incident.objects.count() == 0


def test_start_page_lists_own_reports_in_a_fixed_number_of_queries(
    town: Place, send: Any, as_user: Any, django_assert_num_queries: Any
):
    for number in (1, 3):
        while Incident.objects.count() < number:
            send(town)
        client = as_user(town.employee)
        client.get(reverse("home"))
        with django_assert_num_queries(8):
            page = client.get(reverse("home")).content.decode()
        assert page.count('class="what"') == number
