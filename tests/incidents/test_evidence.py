"""Evidence: kept whole and sealed, once, within the limits, also when two come at once or the disk is full."""

import hashlib
import threading
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from incidents.actions.closing import close_case
from incidents.actions.drafts import throw_away
from incidents.actions.evidence import add_evidence, keep_evidence, waiting_evidence
from incidents.actions.evidence_files import read_evidence
from incidents.actions.evidence_refusals import TooManyFiles
from incidents.actions.refusals import CaseClosed
from incidents.models import Evidence, Incident
from tests import clock, files
from tests.incidents.evidence import JSON, begin, bring, paths_of, stored
from tests.world import Place, make_incident
from vpdportal.accounts.models import User
from vpdportal.audit.models import AuditEvent

pytestmark = pytest.mark.usefixtures("own_store")
LONG = files.pdf(files.CANARY * 120_000)  # more than two pieces


def add(incident: Incident, by: User, content: bytes = LONG, name: str = "brief.pdf") -> Evidence:
    upload = SimpleUploadedFile(name, content)
    return add_evidence(incident=incident, upload=upload, by=by, form_key=uuid4(), now=clock.now())


def test_what_comes_in_is_sealed_hashed_and_comes_with_the_report(town: Place, writer: Any):
    person = writer(town.employee)
    person.start(town)
    person.client.post(
        reverse("evidence_keep", args=[person.key]), {"evidence": SimpleUploadedFile("b.pdf", LONG)}, **JSON
    )
    person.post("gebeurd", {"evidence": [SimpleUploadedFile("foto.png", files.picture())]}, "add_files")
    person.send(town)
    incident = Incident.objects.get()
    document, picture = incident.evidence.all().order_by("content_type")
    assert document.sha256 == hashlib.sha256(LONG).hexdigest()
    assert (document.received_at, document.size, document.scan) == (clock.now(), len(LONG), "not_scanned")
    assert set(stored()) == paths_of(document, picture) and picture.has_view_copy
    assert not any(files.CANARY in content or b"IHDR" in content or b"JFIF" in content for content in stored().values())
    assert b"".join(read_evidence(document).pieces) == LONG


def test_the_same_file_twice_is_kept_once(town: Place, employee: Client):
    draft = begin(town)
    first, second = (bring(employee, draft, name, files.pdf()).json() for name in ("een.pdf", "twee.pdf"))
    assert first["files"][0]["id"] == second["files"][0]["id"]
    assert len(stored()) == Evidence.objects.count() == 1
    bring(employee, begin(town), "een.pdf", files.pdf())
    assert Evidence.objects.count() == 2, "another report has its own"


def test_a_script_hears_about_each_file(town: Place, employee: Client):
    draft = begin(town)
    many = {"evidence": [SimpleUploadedFile("leeg.png", b""), SimpleUploadedFile("goed.pdf", files.pdf())]}
    answer = employee.post(reverse("evidence_keep", args=[draft.pk]), many, **JSON)
    assert answer.status_code == 400
    (kept,), (error,) = answer.json()["files"], answer.json()["errors"]
    assert (kept["name"], kept["kind"], kept["size"]) == ("goed.pdf", "PDF", len(files.pdf()))
    assert "not scanned for viruses" in kept["about"] and error["name"] == "leeg.png"
    nothing = employee.post(reverse("evidence_keep", args=[draft.pk]), **JSON)
    assert nothing.status_code == 400 and nothing.json()["errors"][0]["message"] == "Choose a file first."


@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [("/melden/", "/melden/"), ("https://elders.invalid/", "/"), ("//elders.invalid", "/"), ("", "/")],
)
def test_without_a_script_one_is_led_back_to_a_page_of_ours(town: Place, employee: Client, wanted: str, led_to: str):
    draft = begin(town)
    data = {"evidence": [SimpleUploadedFile("goed.pdf", files.pdf()), SimpleUploadedFile("f.gif", b"GIF89a")]}
    answer = employee.post(reverse("evidence_keep", args=[draft.pk]), {**data, "next": wanted})
    assert (answer.status_code, answer["Location"]) == (302, led_to)
    page = employee.get(reverse("report")).content.decode()
    assert "Kept: goed.pdf." in page and "f.gif: This kind of picture" in page
    drop = reverse("evidence_drop", args=[draft.pk, Evidence.objects.get().pk])
    answer = employee.post(drop, {"next": wanted})
    assert (answer.status_code, answer["Location"]) == (302, led_to)
    assert Evidence.objects.count() == 0 and stored() == {}


def test_the_form_keeps_what_was_typed_beside_a_file_that_is_refused(town: Place, writer: Any):
    person = writer(town.employee)
    person.start(town)
    many = [SimpleUploadedFile("f.gif", b"GIF89a"), SimpleUploadedFile("goed.pdf", files.pdf())]
    answer = person.post("gebeurd", {"story": "Hij gooide een stoel.", "evidence": many}, "add_files")
    page = answer.content.decode()
    assert answer.status_code == 400 and "f.gif: " in page and "goed.pdf" in page and "Hij gooide een stoel." in page
    (kept,) = waiting_evidence(by=town.employee, form_key=person.key)
    answer = person.post("gebeurd", {"story": "Hij gooide twee stoelen.", "remove_file": str(kept.pk)})
    assert answer.status_code == 200 and "Hij gooide twee stoelen." in answer.content.decode()
    assert "goed.pdf" not in answer.content.decode() and stored() == {}


def test_no_more_files_than_allowed_and_not_more_together(town: Place, employee: Client, settings: Any):
    settings.EVIDENCE_MAX_FILES, draft = 2, begin(town)
    for number in (1, 2):
        assert bring(employee, draft, "x.pdf", files.pdf(b"%d" % number)).status_code == 200
    assert "too many files" in bring(employee, draft, "x.pdf", files.pdf(b"3")).json()["errors"][0]["message"]
    settings.EVIDENCE_MAX_FILES, settings.EVIDENCE_MAX_REPORT_BYTES = 10, sum(map(len, (files.pdf(b"1"),) * 3))
    assert bring(employee, draft, "x.pdf", files.pdf(b"3")).status_code == 200
    settings.EVIDENCE_MAX_REPORT_BYTES += len(files.pdf(b"4")) - 1
    assert "Together" in bring(employee, draft, "x.pdf", files.pdf(b"4")).json()["errors"][0]["message"]
    assert len(stored()) == Evidence.objects.count() == 3


def test_the_last_file_that_fitted_can_be_sent_again(town: Place, employee: Client, settings: Any):
    """Who did not hear that it was kept sends it once more."""
    one, two = files.pdf(b"1"), files.pdf(b"2")
    settings.EVIDENCE_MAX_FILES, settings.EVIDENCE_MAX_REPORT_BYTES, draft = 2, len(one + two), begin(town)
    first, second = (bring(employee, draft, "x.pdf", content).json()["files"][0]["id"] for content in (one, two))
    for most in (2, 10):  # no more files; no more bytes
        settings.EVIDENCE_MAX_FILES = most
        again = bring(employee, draft, "x.pdf", two)
        assert again.status_code == 200 and again.json()["files"][0]["id"] == second != first
        assert bring(employee, draft, "x.pdf", files.pdf(b"3")).status_code == 400
    incident = make_incident(town, by=town.employee)
    settings.EVIDENCE_MAX_FILES = 1
    assert add(incident, town.employee, one) == add(incident, town.employee, one)
    with pytest.raises(TooManyFiles):
        add(incident, town.employee, two)
    assert len(stored()) == Evidence.objects.count() == 3


def test_two_tabs_at_once_cannot_pass_the_limit(committed: None, town: Place, settings: Any):
    settings.EVIDENCE_MAX_FILES, draft, barrier, refused = 1, begin(town), threading.Barrier(2), []

    def upload(number: int) -> None:
        barrier.wait()
        try:
            keep_evidence(
                upload=SimpleUploadedFile("x.pdf", files.pdf(b"%d" % number)),
                organisation=town.organisation,
                by=town.employee,
                form_key=draft.pk,
                now=clock.now(),
            )
        except TooManyFiles:
            refused.append(number)
        finally:
            connection.close()

    threads = [threading.Thread(target=upload, args=[number]) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(refused) == 1 and len(stored()) == Evidence.objects.count() == 1


def test_a_full_disk_costs_the_file_and_nothing_else(town: Place, employee: Client, settings: Any, tmp_path: Any):
    draft = begin(town)
    (tmp_path / "blocked").write_text("a file where a folder should be")
    whole = settings.STORAGES
    settings.STORAGES = {**whole, "evidence": {**whole["evidence"], "OPTIONS": {"location": tmp_path / "blocked"}}}
    error = bring(employee, draft, "brief.pdf", files.pdf()).json()["errors"][0]
    assert error["name"] == "brief.pdf" and "just now" in error["message"] and Evidence.objects.count() == 0
    settings.STORAGES = whole
    assert bring(employee, draft, "brief.pdf", files.pdf()).status_code == 200


def test_a_copy_for_which_there_is_no_room_takes_the_original_along(town: Place, employee: Client, settings: Any):
    options = settings.STORAGES["evidence"]["OPTIONS"]
    no_room = {"BACKEND": "tests.incidents.evidence.NoRoomForCopies", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "evidence": no_room}
    assert bring(employee, begin(town), "foto.png", files.picture()).status_code == 400
    assert stored() == {} and Evidence.objects.count() == 0
    assert bring(employee, begin(town), "brief.pdf", files.pdf()).status_code == 200


def test_a_file_that_comes_in_after_sending_is_added(town: Place, employee: Client):
    draft = begin(town)
    key = draft.pk
    incident = make_incident(town)
    Incident.objects.filter(pk=incident.pk).update(idempotency_key=key)
    throw_away(draft=draft, by=town.employee)
    kept = keep_evidence(
        upload=SimpleUploadedFile("laat.pdf", files.pdf()),
        organisation=town.organisation,
        by=town.employee,
        form_key=key,
        now=clock.now(),
    )
    assert kept.incident == incident and incident.timeline.filter(kind="evidence_added").count() == 1
    assert bring(employee, draft, "nog-later.pdf", files.pdf(b"2")).status_code == 404, "its page is of a draft no more"


def test_adding_to_what_was_sent(town: Place, as_user: Any):
    incident = make_incident(town)
    kept, again = add(incident, town.employee), add(incident, town.employee)
    assert kept == again and incident.timeline.filter(kind="evidence_added").count() == 1
    assert AuditEvent.objects.filter(action="incident.evidence_added", object_id=incident.pk).count() == 1
    assert add(incident, town.adviser) != kept, "what another brings is theirs"
    incident.tasks.all().delete()
    close_case(incident=incident, outcome="Het is besproken.", by=town.adviser, now=clock.now())
    incident.refresh_from_db()
    with pytest.raises(CaseClosed):
        add(incident, town.employee, files.pdf())
    assert Evidence.objects.count() == 2 and len(stored()) == 2
