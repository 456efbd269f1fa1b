"""Evidence: kept whole and sealed, once, within the limits; given back only to who may see it, and never half."""

import hashlib
import threading
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from incidents.actions.closing import close_case
from incidents.actions.drafts import throw_away
from incidents.actions.evidence import add_evidence, keep_evidence, waiting_evidence
from incidents.actions.evidence_files import read_evidence
from incidents.actions.evidence_refusals import TooManyFiles
from incidents.actions.evidence_tidying import remove_orphan_files, remove_unclaimed_evidence
from incidents.actions.exclusions import keep_out
from incidents.actions.people import ask_witness
from incidents.actions.refusals import CaseClosed
from incidents.models import Evidence, Incident, Witness
from tests import clock, files
from tests.incidents.evidence import JSON, begin, bring, content_of, folder, paths_of, stored
from tests.world import Place, make_incident, make_user
from vpdportal.accounts.models import User
from vpdportal.audit.models import AuditEvent
from vpdportal.encryption import SealBroken, seal
from vpdportal.sealed_files import PIECE

LONG = files.pdf(files.CANARY * 120_000)  # more than two pieces


@pytest.fixture(autouse=True)
def own_store(settings: Any, tmp_path: Any) -> None:
    backend = settings.STORAGES["evidence"]["BACKEND"]
    settings.STORAGES = {**settings.STORAGES, "evidence": {"BACKEND": backend, "OPTIONS": {"location": tmp_path / "e"}}}


@pytest.fixture
def client(town: Place, as_user: Any) -> Client:
    client: Client = as_user(town.employee)
    client.cookies["vpd_language"] = "en"
    return client


def add(incident: Incident, by: User, content: bytes = LONG, name: str = "brief.pdf") -> Evidence:
    upload = SimpleUploadedFile(name, content)
    return add_evidence(incident=incident, upload=upload, by=by, form_key=uuid4(), now=clock.now())


# --- bringing in ------------------------------------------------------------------------------------------------------


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


def test_the_same_file_twice_is_kept_once(town: Place, client: Client):
    draft = begin(town)
    first, second = (bring(client, draft, name, files.pdf()).json() for name in ("een.pdf", "twee.pdf"))
    assert first["files"][0]["id"] == second["files"][0]["id"]
    assert len(stored()) == Evidence.objects.count() == 1
    bring(client, begin(town), "een.pdf", files.pdf())
    assert Evidence.objects.count() == 2, "another report has its own"


def test_a_script_hears_about_each_file(town: Place, client: Client):
    draft = begin(town)
    many = {"evidence": [SimpleUploadedFile("leeg.png", b""), SimpleUploadedFile("goed.pdf", files.pdf())]}
    answer = client.post(reverse("evidence_keep", args=[draft.pk]), many, **JSON)
    assert answer.status_code == 400
    (kept,), (error,) = answer.json()["files"], answer.json()["errors"]
    assert (kept["name"], kept["kind"], kept["size"]) == ("goed.pdf", "PDF", len(files.pdf()))
    assert "not scanned for viruses" in kept["about"] and error["name"] == "leeg.png"
    nothing = client.post(reverse("evidence_keep", args=[draft.pk]), **JSON)
    assert nothing.status_code == 400 and nothing.json()["errors"][0]["message"] == "Choose a file first."


@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [("/melden/", "/melden/"), ("https://elders.invalid/", "/"), ("//elders.invalid", "/"), ("", "/")],
)
def test_without_a_script_one_is_led_back_to_a_page_of_ours(town: Place, client: Client, wanted: str, led_to: str):
    draft = begin(town)
    data = {"evidence": [SimpleUploadedFile("goed.pdf", files.pdf()), SimpleUploadedFile("f.gif", b"GIF89a")]}
    answer = client.post(reverse("evidence_keep", args=[draft.pk]), {**data, "next": wanted})
    assert (answer.status_code, answer["Location"]) == (302, led_to)
    page = client.get(reverse("report")).content.decode()
    assert "Kept: goed.pdf." in page and "f.gif: This kind of picture" in page
    drop = reverse("evidence_drop", args=[draft.pk, Evidence.objects.get().pk])
    answer = client.post(drop, {"next": wanted})
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


def test_no_more_files_than_allowed_and_not_more_together(town: Place, client: Client, settings: Any):
    settings.EVIDENCE_MAX_FILES, draft = 2, begin(town)
    for number in (1, 2):
        assert bring(client, draft, "x.pdf", files.pdf(b"%d" % number)).status_code == 200
    assert "too many files" in bring(client, draft, "x.pdf", files.pdf(b"3")).json()["errors"][0]["message"]
    settings.EVIDENCE_MAX_FILES, settings.EVIDENCE_MAX_REPORT_BYTES = 10, sum(map(len, (files.pdf(b"1"),) * 3))
    assert bring(client, draft, "x.pdf", files.pdf(b"3")).status_code == 200
    settings.EVIDENCE_MAX_REPORT_BYTES += len(files.pdf(b"4")) - 1
    assert "Together" in bring(client, draft, "x.pdf", files.pdf(b"4")).json()["errors"][0]["message"]
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


def test_a_full_disk_costs_the_file_and_nothing_else(town: Place, client: Client, settings: Any, tmp_path: Any):
    draft = begin(town)
    (tmp_path / "blocked").write_text("a file where a folder should be")
    whole = settings.STORAGES
    settings.STORAGES = {**whole, "evidence": {**whole["evidence"], "OPTIONS": {"location": tmp_path / "blocked"}}}
    error = bring(client, draft, "brief.pdf", files.pdf()).json()["errors"][0]
    assert error["name"] == "brief.pdf" and "just now" in error["message"] and Evidence.objects.count() == 0
    settings.STORAGES = whole
    assert bring(client, draft, "brief.pdf", files.pdf()).status_code == 200


def test_a_copy_for_which_there_is_no_room_takes_the_original_along(town: Place, client: Client, settings: Any):
    options = settings.STORAGES["evidence"]["OPTIONS"]
    no_room = {"BACKEND": "tests.incidents.evidence.NoRoomForCopies", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "evidence": no_room}
    assert bring(client, begin(town), "foto.png", files.picture()).status_code == 400
    assert stored() == {} and Evidence.objects.count() == 0
    assert bring(client, begin(town), "brief.pdf", files.pdf()).status_code == 200


def test_a_file_that_comes_in_after_sending_is_added(town: Place, client: Client):
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
    assert bring(client, draft, "nog-later.pdf", files.pdf(b"2")).status_code == 404, "its page is of a draft no more"


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


# --- handing out ------------------------------------------------------------------------------------------------------


def test_a_download_is_never_shown_and_always_written_down(town: Place, as_user: Any):
    incident = make_incident(town)
    kept = add(incident, town.employee, files.photo_with_a_place(), "Jan de Boze.jpg")
    adviser = as_user(town.adviser)
    page = adviser.get(reverse("case", args=[incident.pk])).content.decode()
    for name, ending in (("case_evidence", ".jpg"), ("case_evidence_copy", "-copy.jpg")):
        address = reverse(name, args=[incident.pk, kept.pk])
        assert address in page
        before = AuditEvent.objects.filter(action="incident.viewed", fields=["evidence"]).count()
        response = adviser.get(address)
        wanted = f'attachment; filename="{incident.reference}-picture-{str(kept.pk)[:8]}{ending}"'
        assert response["Content-Disposition"] == wanted
        assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert response["X-Content-Type-Options"] == "nosniff" and response["Cache-Control"] == "no-store"
        assert response["Cross-Origin-Resource-Policy"] == "same-origin" and response["Content-Type"] == "image/jpeg"
        assert len(content_of(response)) == int(response["Content-Length"])
        views = AuditEvent.objects.filter(action="incident.viewed", fields=["evidence"], actor_id=town.adviser.pk)
        assert views.count() == before + 1
    assert content_of(adviser.get(reverse("case_evidence", args=[incident.pk, kept.pk]))) == files.photo_with_a_place()


def test_who_brought_it_gets_it_back_and_nobody_elses(town: Place, as_user: Any):
    affected, witness = make_user("Getroffene"), make_user("Getuige")
    incident = make_incident(town, affected=affected)
    town.join(witness, "employee", town.department)
    ask_witness(incident=incident, email=witness.email, by=town.adviser, now=clock.now())
    people = {user: add(incident, user) for user in (town.employee, affected, witness)}
    for user in people:
        for owner, kept in people.items():
            answer = as_user(user).get(reverse("evidence_own", args=[kept.form_key, kept.pk]))
            assert answer.status_code == (200 if user == owner else 404)
            if user == owner:
                assert content_of(answer) == LONG
    assert AuditEvent.objects.filter(action="incident.viewed", fields=["evidence"]).count() == len(people)
    Witness.objects.all().delete()
    own = reverse("evidence_own", args=[people[witness].form_key, people[witness].pk])
    assert as_user(witness).get(own).status_code == 404, "no witness any more"


def test_a_party_who_is_kept_out_gets_nothing(town: Place, as_user: Any):
    incident = make_incident(town)
    kept = add(incident, town.employee)
    address = reverse("case_evidence", args=[incident.pk, kept.pk])
    assert as_user(town.deputy).get(address).status_code == 200
    keep_out(incident=incident, person=town.deputy, by=town.employee, now=clock.now())
    assert as_user(town.deputy).get(address).status_code == 404


def test_evidence_of_another_case_is_not_given(town: Place, as_user: Any):
    one, two = make_incident(town), make_incident(town)
    kept = add(one, town.employee, files.picture())
    for name in ("case_evidence", "case_evidence_copy"):
        assert as_user(town.adviser).get(reverse(name, args=[one.pk, kept.pk])).status_code == 200
        assert as_user(town.adviser).get(reverse(name, args=[two.pk, kept.pk])).status_code == 404


def test_a_draft_of_another_takes_and_gives_nothing(town: Place, client: Client, as_user: Any):
    draft = begin(town)
    kept = bring(client, draft, "brief.pdf", files.pdf()).json()["files"][0]
    other = as_user(town.manager)
    assert bring(other, draft, "brief.pdf", files.pdf(b"2")).status_code == 404
    assert other.get(kept["own"]).status_code == other.post(kept["drop"], **JSON).status_code == 404
    foreign = begin(town, town.manager)
    drop = reverse("evidence_drop", args=[foreign.pk, kept["id"]])
    assert other.post(drop, **JSON).json() == {"removed": False}
    assert client.get(kept["own"]).status_code == 200
    assert client.post(kept["drop"], **JSON).json() == {"removed": True} and stored() == {}


def damage(kept: Evidence, change: Any) -> None:
    path = folder() / kept.path
    path.write_bytes(change(path.read_bytes()))


BROKEN = {
    "a piece was swapped": lambda content: content[:22] + content[22 + PIECE + 28 :] + content[22 : 22 + PIECE + 28],
    "the end is missing": lambda content: content[: 22 + 2 * (PIECE + 28)],
    "the last bit changed": lambda content: content[:-1] + bytes([content[-1] ^ 1]),
    "it is empty": lambda content: b"",
}


@pytest.mark.parametrize("change", BROKEN.values(), ids=BROKEN.keys())
def test_not_a_byte_is_given_of_a_file_that_was_changed(town: Place, client: Client, change: Any):
    incident = make_incident(town)
    kept = add(incident, town.employee)
    own = reverse("evidence_own", args=[kept.form_key, kept.pk])
    assert content_of(client.get(own)) == LONG
    damage(kept, change)
    answer = client.get(own, follow=True)
    assert answer.redirect_chain == [(reverse("report_status", args=[incident.pk]), 302)]
    assert "This file cannot be opened" in answer.content.decode()


def test_a_file_that_is_gone_says_so(town: Place, client: Client):
    kept = add(make_incident(town), town.employee)
    storages["evidence"].delete(kept.path)
    answer = client.get(reverse("evidence_own", args=[kept.form_key, kept.pk]), follow=True)
    assert "This file cannot be opened" in answer.content.decode()


def test_a_file_that_breaks_between_looking_and_giving_breaks_off(town: Place):
    kept = add(make_incident(town), town.employee)
    opened = read_evidence(kept)
    assert len(next(opened.pieces)) == PIECE
    damage(kept, BROKEN["the last bit changed"])
    with pytest.raises(SealBroken):
        list(opened.pieces)


def test_a_file_of_before_still_opens(town: Place, client: Client):
    kept = add(make_incident(town), town.employee)
    place = f"evidence.{kept.organisation_id}.{kept.pk}"
    damage(kept, lambda content: seal(b"%PDF-1.4 van vroeger", place=place))
    assert content_of(client.get(reverse("evidence_own", args=[kept.form_key, kept.pk]))) == b"%PDF-1.4 van vroeger"


# --- tidying ----------------------------------------------------------------------------------------------------------


def test_files_stay_as_long_as_their_draft_and_go_with_it(town: Place, client: Client):
    draft, sent = begin(town), make_incident(town)
    bring(client, draft, "brief.pdf", files.pdf())
    add(sent, town.employee)
    assert remove_unclaimed_evidence(now=clock.move(days=30)) == 0
    throw_away(draft=draft, by=town.employee)
    assert remove_unclaimed_evidence(now=clock.now()) == 1
    assert [one.incident for one in Evidence.objects.all()] == [sent] and len(stored()) == 1


def test_what_lost_its_row_on_the_way_goes_after_a_day(town: Place, client: Client):
    kept = add(make_incident(town), town.employee, files.picture())
    place = folder() / str(town.organisation.pk)
    for name in (f"{uuid4()}", f"{uuid4()}.view", f"{uuid4()}.part", "notitie"):
        (place / name).write_bytes(b"x")
    written_at = max(path.stat().st_mtime for path in place.iterdir())
    just = clock.set_to(clock.START.fromtimestamp(written_at, clock.START.tzinfo))
    assert remove_orphan_files(now=just + timedelta(hours=23)) == 0
    assert remove_orphan_files(now=just + timedelta(hours=25)) == 4
    assert set(stored()) == paths_of(kept)


def test_an_empty_store_is_tidied_too(db: None):
    assert remove_orphan_files(now=clock.now()) == 0
