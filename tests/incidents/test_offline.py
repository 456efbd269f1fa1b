"""Typed without signal: what a device kept is opened for its person alone, and comes in once."""

import base64
import json
import os
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import connection
from django.test import Client
from django.urls import reverse

from incidents.actions.locations import location_for
from incidents.actions.offline import remove_old_locks
from incidents.models import Draft, Incident, Location, OfflineKey
from tests import clock
from tests.world import Place, report_data
from vpdportal.accounts.models import Membership, User
from vpdportal.accounts.roles import Role

ANSWERS: dict[str, list[str]] = {
    "behaviours": ["threat"],
    "story": ["Hij zei dat hij mij wist te vinden. 🚐"],
    "day": ["2026-11-24"],
    "hour": ["08:30"],
    "channel": ["public_space"],
    "place": ["Dorpsplein"],
    "is_safe_now": ["yes"],
    "wants_support": ["yes"],
}


def parcel_of(lock: dict[str, Any], answers: Any, key: str = "", is_ready: bool = True) -> dict[str, Any]:
    """What a device makes of the answers, written from the description and not from the code that opens it."""
    key = key or str(uuid4())
    mine = ec.generate_private_key(ec.SECP256R1())
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), base64.b64decode(lock["public"]))
    secret = HKDF(SHA256(), 32, None, b"vpd-portal one way 1").derive(mine.exchange(ec.ECDH(), theirs))
    nonce = os.urandom(12)
    sealed = AESGCM(secret).encrypt(nonce, json.dumps(answers).encode(), f"{lock['id']} {key}".encode())
    point = mine.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    text = {"ephemeral": point, "nonce": nonce, "sealed": sealed}
    encoded = {name: base64.b64encode(value).decode() for name, value in text.items()}
    return {"lock": lock["id"], "key": key, "isReady": is_ready, **encoded}


def hand_in(client: Client, parcel: Any) -> Any:
    return client.post(reverse("offline_receive"), json.dumps(parcel), content_type="application/json")


@pytest.fixture
def lock(town: Place, as_user: Any) -> dict[str, Any]:
    answer: dict[str, Any] = as_user(town.employee).post(reverse("offline_lock")).json()
    return answer


def test_a_complete_report_is_sent_once(town: Place, as_user: Any, lock: dict[str, Any]):
    client, parcel = as_user(town.employee), parcel_of(lock, ANSWERS)
    first, second = hand_in(client, parcel), hand_in(client, parcel)
    incident = Incident.objects.get()
    assert first.json() == second.json()
    assert first.json() == {"sent": reverse("report_status", args=[incident.pk]), "number": incident.reference}
    assert (incident.story, incident.place, incident.wants_support) == (ANSWERS["story"][0], "Dorpsplein", True)
    assert incident.facts.ongoing_threat is False and incident.department == town.department
    assert Draft.objects.count() == 0


def test_what_is_not_complete_or_was_not_to_be_sent_is_a_draft(town: Place, as_user: Any, lock: dict[str, Any]):
    client = as_user(town.employee)
    half = hand_in(client, parcel_of(lock, {**ANSWERS, "hour": [""]})).json()
    whole = hand_in(client, parcel_of(lock, ANSWERS, is_ready=False)).json()
    assert Incident.objects.count() == 0 and Draft.objects.count() == 2
    assert ANSWERS["story"][0] in client.get(half["draft"]).content.decode()
    assert half["draft"].endswith("/gebeurd/") and whole["draft"].endswith("/controle/")


def test_only_the_person_of_the_lock_opens_it(town: Place, as_user: Any, lock: dict[str, Any]):
    parcel = parcel_of(lock, ANSWERS)
    other = hand_in(as_user(town.manager), parcel)
    assert other.status_code == 409 and "Hij zei" not in other.content.decode()
    assert hand_in(Client(), parcel).status_code == 302
    assert Incident.objects.count() == 0 and Draft.objects.count() == 0
    assert hand_in(as_user(town.employee), parcel).status_code == 200


@pytest.mark.parametrize("part", ["ephemeral", "nonce", "sealed", "key", "lock"])
def test_what_was_changed_does_not_open(town: Place, as_user: Any, lock: dict[str, Any], part: str):
    client, parcel = as_user(town.employee), parcel_of(lock, ANSWERS)
    other = parcel_of(lock, ANSWERS)
    other["lock"] = str(uuid4())
    for wrong in (other[part], "", "?", None, [], "A" * 500_000):
        assert hand_in(client, {**parcel, part: wrong}).status_code == 409
    assert Incident.objects.count() == 0 and Draft.objects.count() == 0
    assert hand_in(client, parcel).status_code == 200


@pytest.mark.parametrize("body", ["", "[]", "{", '"x"', "null", '{"lock": 1}', "\x00"])
def test_what_is_no_parcel_is_refused(town: Place, as_user: Any, body: str):
    answer = as_user(town.employee).post(reverse("offline_receive"), body, content_type="application/json")
    assert answer.status_code in {400, 409} and answer.json()["error"]


@pytest.mark.parametrize("answers", [[], "x", {"story": "x"}, {"story": [["x"]], "behaviours": [None]}, {"?": ["x"]}])
def test_odd_answers_are_no_server_error(town: Place, as_user: Any, lock: dict[str, Any], answers: Any):
    assert hand_in(as_user(town.employee), parcel_of(lock, answers)).status_code in {200, 409}
    assert Incident.objects.count() == 0


def test_the_place_of_a_short_link_and_the_organisation_come_along(
    town: Place, other_town: Place, as_user: Any, lock: dict[str, Any]
):
    other_town.join(town.employee, "employee", other_town.department)
    van = Location.objects.create(
        organisation=other_town.organisation, name="Bus 12", code="7K3QDM", department=other_town.department
    )
    assert location_for("7K3QDM", [other_town.organisation]) == van
    answers = {**ANSWERS, "organisation": [str(other_town.organisation.pk)], "plek": ["7k3qdm"]}
    hand_in(as_user(town.employee), parcel_of(lock, answers))
    assert Incident.objects.get().organisation == other_town.organisation
    assert Incident.objects.get().location == van


def test_the_private_half_is_sealed_and_never_leaves(town: Place, lock: dict[str, Any]):
    assert "PRIVATE" in OfflineKey.objects.get().private
    assert "PRIVATE" not in json.dumps(lock)
    with connection.cursor() as cursor:
        cursor.execute("SELECT private FROM incidents_offlinekey")
        assert b"PRIVATE" not in bytes(cursor.fetchone()[0])


def test_old_locks_go_after_90_days(town: Place, lock: dict[str, Any]):
    assert remove_old_locks(now=clock.move(days=89)) == 0
    assert remove_old_locks(now=clock.move(days=2)) == 1


def test_the_page_for_on_the_way_is_the_same_for_everyone(town: Place, as_user: Any):
    address = reverse("offline")
    pages = {browser.get(address).content for browser in (Client(), as_user(town.employee), as_user(town.adviser))}
    assert len(pages) == 1
    assert b"csrf" not in pages.pop()


def test_state_tells_of_sign_in(town: Place, as_user: Any):
    assert Client().get(reverse("offline_state")).status_code == 401
    assert as_user(town.employee).get(reverse("offline_state")).json()["token"]


def elsewhere(town: Place, other_town: Place) -> Membership:
    """The employee works for both organisations."""
    return other_town.join(town.employee, Role.EMPLOYEE, other_town.department)


def test_it_goes_to_the_chosen_organisation_or_nowhere(town: Place, other_town: Place, as_user: Any):
    membership, client = elsewhere(town, other_town), as_user(town.employee)
    lock = client.post(reverse("offline_lock")).json()
    parcel = parcel_of(lock, {**ANSWERS, "organisation": [str(other_town.organisation.pk)]})
    Membership.objects.filter(pk=membership.pk).update(ends_on=clock.now().date() - timedelta(days=1))
    refused = hand_in(client, parcel)
    assert refused.status_code == 409 and "organisatie" in refused.json()["error"]
    assert Incident.objects.count() == 0 and Draft.objects.count() == 0
    Membership.objects.filter(pk=membership.pk).update(ends_on=None)
    assert hand_in(client, parcel).status_code == 200
    assert Incident.objects.get().organisation == other_town.organisation


def test_without_a_choice_nobody_guesses_among_several(town: Place, other_town: Place, as_user: Any):
    client = as_user(town.employee)
    lock = client.post(reverse("offline_lock")).json()
    membership = elsewhere(town, other_town)
    parcel = parcel_of(lock, ANSWERS)
    assert hand_in(client, parcel).status_code == 409 and Draft.objects.count() == 0
    membership.delete()
    assert hand_in(client, parcel).status_code == 200


def test_the_place_decides_for_which_organisation_it_is(town: Place, other_town: Place, as_user: Any):
    """The device cannot know whose a poster is: its list of organisations stands at the first."""
    elsewhere(town, other_town)
    client = as_user(town.employee)
    lock = client.post(reverse("offline_lock")).json()
    assert lock["organisations"][0]["id"] == str(other_town.organisation.pk)
    for code, department in (("7K3QDM", town.department), ("7K3QDN", None)):
        Location.objects.create(organisation=town.organisation, name=f"Bus {code}", code=code, department=department)
        answers = {**ANSWERS, "organisation": [lock["organisations"][0]["id"]], "plek": [code]}
        assert "sent" in hand_in(client, parcel_of(lock, answers)).json()
    for incident in Incident.objects.all():
        assert incident.organisation == incident.location.organisation == town.organisation


def test_handed_in_again_it_writes_over_nothing(town: Place, as_user: Any, writer: Any, lock: dict[str, Any]):
    """The answer never reached the device, and meanwhile the author went on."""
    client = as_user(town.employee)
    parcel = parcel_of(lock, ANSWERS, is_ready=False)
    person = writer(town.employee, client)
    assert hand_in(client, parcel).status_code == 200
    person.key = Draft.objects.get().pk
    person.post("gebeurd", report_data(story="Veel langer, een uur aan gewerkt."), "later")
    for _again in range(3):
        again = hand_in(client, {**parcel, "isReady": True}).json()
        assert again["draft"].endswith("/gebeurd/"), "what is set aside has to be seen before it is sent"
    assert Incident.objects.count() == 0
    page = client.get(again["draft"]).content.decode()
    assert "Veel langer, een uur aan gewerkt." in page and ANSWERS["story"][0] in page
    assert Draft.objects.get().content.answers["story"] == ["Veel langer, een uur aan gewerkt."]


def test_text_that_goes_on_from_what_came_in_takes_its_place(town: Place, as_user: Any, lock: dict[str, Any]):
    client, key = as_user(town.employee), str(uuid4())
    longer = {**ANSWERS, "story": [ANSWERS["story"][0] + " En hij kwam terug."]}
    for answers in (ANSWERS, longer, ANSWERS):
        hand_in(client, parcel_of(lock, answers, key=key, is_ready=False))
    content = Draft.objects.get().content
    assert (content.answers["story"], content.earlier) == (longer["story"], {})


def test_more_text_after_it_was_sent_is_added(town: Place, as_user: Any, lock: dict[str, Any]):
    client, key = as_user(town.employee), str(uuid4())
    first = hand_in(client, parcel_of(lock, ANSWERS, key=key)).json()
    more = parcel_of(lock, {**ANSWERS, "story": ["Hij had ook een mes."]}, key=key)
    for _again in range(2):
        assert hand_in(client, more).json() == first
    statement = Incident.objects.get().statements.get()
    assert "Hij had ook een mes." in statement.text and "Dorpsplein" not in statement.text
    assert Draft.objects.count() == 0


def test_more_text_for_a_report_that_takes_no_more_is_a_draft(town: Place, as_user: Any, lock: dict[str, Any]):
    client, key = as_user(town.employee), str(uuid4())
    hand_in(client, parcel_of(lock, ANSWERS, key=key))
    Incident.objects.update(status="closed", closed_at=clock.now(), closed_by=town.adviser)
    more = parcel_of(lock, {**ANSWERS, "story": ["Hij had ook een mes."]}, key=key)
    for _again in range(2):
        assert "Hij had ook een mes." in client.get(hand_in(client, more).json()["draft"]).content.decode()
    assert Draft.objects.count() == 1 and Incident.objects.count() == 1


def test_half_a_sign_and_very_deep_content_are_no_trap(town: Place, as_user: Any, lock: dict[str, Any]):
    client = as_user(town.employee)
    answer = hand_in(client, parcel_of(lock, {**ANSWERS, "story": ["a\ud83d b"]}, is_ready=False)).json()
    for step in ("gebeurd", "wie", "controle"):
        assert client.get(reverse("report_step", args=[Draft.objects.get().pk, step])).status_code == 200
    assert "a? b" in client.get(answer["draft"].replace("controle", "gebeurd")).content.decode()
    deep = client.post(reverse("offline_receive"), "[" * 200_000, content_type="application/json")
    assert deep.status_code == 400 and deep.json()["error"]


def test_who_must_not_see_it_is_asked_before_it_is_sent(town: Place, as_user: Any, lock: dict[str, Any]):
    client = as_user(town.employee)
    assert "sent" in hand_in(client, parcel_of(lock, ANSWERS)).json(), "the control"
    waits = hand_in(client, parcel_of(lock, {**ANSWERS, "someone_must_not_see": ["on"]})).json()
    assert waits["draft"].endswith("/controle/") and Incident.objects.count() == 1
    assert 'name="someone_must_not_see"' in client.get(reverse("offline")).content.decode()


@pytest.mark.parametrize(("name", "first"), [("Sanne de Vries", "Sanne"), ("Vries, Sanne de", "Sanne")])
def test_the_lock_says_whose_it_is_by_first_name_only(town: Place, as_user: Any, name: str, first: str):
    User.objects.filter(pk=town.employee.pk).update(name=name)
    answer = as_user(User.objects.get(pk=town.employee.pk)).post(reverse("offline_lock"))
    assert answer.json()["name"] == first and "Vries" not in answer.content.decode()
