"""Evidence is given only to who may see it, as a download, never half; and goes when nobody will ask for it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from incidents.actions.drafts import throw_away
from incidents.actions.evidence import add_evidence
from incidents.actions.evidence_files import read_evidence
from incidents.actions.evidence_tidying import remove_orphan_files, remove_unclaimed_evidence
from incidents.actions.exclusions import keep_out
from incidents.actions.people import ask_witness
from incidents.models import Evidence, Incident, Witness
from tests import clock, files
from tests.incidents.evidence import JSON, begin, bring, content_of, folder, paths_of, stored
from tests.world import Place, make_incident, make_user
from vpdportal.accounts.models import User
from vpdportal.audit.models import AuditEvent
from vpdportal.encryption import SealBroken, seal
from vpdportal.sealed_files import PIECE

pytestmark = pytest.mark.usefixtures("own_store")
LONG = files.pdf(files.CANARY * 120_000)  # more than two pieces


def add(incident: Incident, by: User, content: bytes = LONG, name: str = "brief.pdf") -> Evidence:
    upload = SimpleUploadedFile(name, content)
    return add_evidence(incident=incident, upload=upload, by=by, form_key=uuid4(), now=clock.now())


# --- handing out ------------------------------------------------------------------------------------------------------


def test_a_download_is_never_shown_and_always_written_down(town: Place, as_user: Any):
    incident = make_incident(town)
    kept = add(incident, town.employee, files.photo_with_a_place(), "Jan de Boze.jpg")
    adviser = as_user(town.adviser)
    page = adviser.get(reverse("case_files", args=[incident.pk])).content.decode()
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
    for one in (affected, witness):
        town.join(one, "employee", town.department)
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


def test_a_draft_of_another_takes_and_gives_nothing(town: Place, employee: Client, as_user: Any):
    draft = begin(town)
    kept = bring(employee, draft, "brief.pdf", files.pdf()).json()["files"][0]
    other = as_user(town.manager)
    assert bring(other, draft, "brief.pdf", files.pdf(b"2")).status_code == 404
    assert other.get(kept["own"]).status_code == other.post(kept["drop"], **JSON).status_code == 404
    foreign = begin(town, town.manager)
    drop = reverse("evidence_drop", args=[foreign.pk, kept["id"]])
    assert other.post(drop, **JSON).json() == {"removed": False}
    assert employee.get(kept["own"]).status_code == 200
    assert employee.post(kept["drop"], **JSON).json() == {"removed": True} and stored() == {}


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
def test_not_a_byte_is_given_of_a_file_that_was_changed(town: Place, employee: Client, change: Any):
    incident = make_incident(town)
    kept = add(incident, town.employee)
    own = reverse("evidence_own", args=[kept.form_key, kept.pk])
    assert content_of(employee.get(own)) == LONG
    damage(kept, change)
    answer = employee.get(own, follow=True)
    assert answer.redirect_chain == [(reverse("report_status", args=[incident.pk]), 302)]
    assert "This file cannot be opened" in answer.content.decode()


def test_a_file_that_is_gone_says_so(town: Place, employee: Client):
    kept = add(make_incident(town), town.employee)
    storages["evidence"].delete(kept.path)
    answer = employee.get(reverse("evidence_own", args=[kept.form_key, kept.pk]), follow=True)
    assert "This file cannot be opened" in answer.content.decode()


def test_a_file_that_breaks_between_looking_and_giving_breaks_off(town: Place):
    kept = add(make_incident(town), town.employee)
    opened = read_evidence(kept)
    assert len(next(opened.pieces)) == PIECE
    damage(kept, BROKEN["the last bit changed"])
    with pytest.raises(SealBroken):
        list(opened.pieces)


def test_a_file_of_before_still_opens(town: Place, employee: Client):
    kept = add(make_incident(town), town.employee)
    place = f"evidence.{kept.organisation_id}.{kept.pk}"
    damage(kept, lambda content: seal(b"%PDF-1.4 van vroeger", place=place))
    assert content_of(employee.get(reverse("evidence_own", args=[kept.form_key, kept.pk]))) == b"%PDF-1.4 van vroeger"


# --- tidying ----------------------------------------------------------------------------------------------------------


def test_files_stay_as_long_as_their_draft_and_go_with_it(town: Place, employee: Client):
    draft, sent = begin(town), make_incident(town)
    bring(employee, draft, "brief.pdf", files.pdf())
    add(sent, town.employee)
    assert remove_unclaimed_evidence(now=clock.move(days=30)) == 0
    throw_away(draft=draft, by=town.employee)
    assert remove_unclaimed_evidence(now=clock.now()) == 1
    assert [one.incident for one in Evidence.objects.all()] == [sent] and len(stored()) == 1


def test_what_lost_its_row_on_the_way_goes_after_a_day(town: Place, employee: Client):
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
