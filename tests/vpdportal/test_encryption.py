"""Text in the database that only the portal can read, and only where it belongs."""

import base64
import os
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from incidents.models import Incident
from tests.world import Place, make_incident
from vpdportal.encryption import SealBroken, keyring, open_seal, seal

WORDS = {
    "story": "kanarie-verhaal", "place": "kanarie-plaats", "affected_name": "kanarie-naam",
    "contact": "kanarie-contact", "perpetrator_description": "kanarie-dader",
}  # fmt: skip


def stored(incident: Incident, column: str) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {column} FROM incidents_incident WHERE id = %s",
            [Incident._meta.pk.get_db_prep_value(incident.pk, connection)],
        )  # noqa: E501, S608
        return bytes(cursor.fetchone()[0])


def test_no_word_stands_in_the_database(town: Place):
    incident = make_incident(town, **WORDS)
    for column, word in WORDS.items():
        assert word.encode() not in stored(incident, column)
        assert getattr(Incident.objects.get(pk=incident.pk), column) == word
    assert b"counter" not in stored(incident, "sealed_facts")


def test_a_value_of_another_row_or_column_does_not_open(town: Place):
    one, two = make_incident(town, story="van een", place="plaats"), make_incident(town, story="van twee")
    for target, column, source in ((two, "story", stored(one, "story")), (one, "story", stored(one, "place"))):
        Incident.objects.filter(pk=target.pk).update(**{column: source})
        with pytest.raises(SealBroken):
            _ = Incident.objects.get(pk=target.pk).story


def test_a_list_decrypts_nothing(town: Place, monkeypatch: pytest.MonkeyPatch):
    make_incident(town)
    monkeypatch.setattr("vpdportal.encryption.open_seal", lambda *a, **k: pytest.fail("opened"))
    assert len(list(Incident.objects.all())) == 1


def test_filtering_on_a_sealed_text_is_refused(town: Place):
    with pytest.raises(TypeError, match="bound to its row"):
        Incident.objects.filter(story="x").exists()
    with pytest.raises(TypeError, match="bound to its row"):
        Incident.objects.update(story="x")


def key(name: str) -> str:
    return f"{name}:{base64.b64encode(os.urandom(32)).decode()}"


def test_the_newest_key_seals_and_all_open(settings: Any):
    old, new = key("oud"), key("nieuw")
    settings.FIELD_KEYS = old
    before = seal("tekst 🙂".encode(), place="hier")
    settings.FIELD_KEYS = f"{new}, {old}"
    after = seal(b"later", place="hier")
    assert open_seal(before, place="hier").decode() == "tekst 🙂"
    settings.FIELD_KEYS = new
    assert open_seal(after, place="hier") == b"later"
    with pytest.raises(SealBroken, match="FIELD_KEYS"):
        open_seal(before, place="hier")


@pytest.mark.parametrize("position", [0, 1, 5, 20, -1])
def test_a_changed_byte_shows(settings: Any, position: int):
    sealed = bytearray(seal(b"inhoud", place="hier"))
    sealed[position] ^= 1
    with pytest.raises(SealBroken):
        open_seal(bytes(sealed), place="hier")


@pytest.mark.parametrize("text", ["", "x", "k1:abc", "k1:" + base64.b64encode(b"short").decode(), ":" + "A" * 44])
def test_a_malformed_key_stops_with_a_sentence(text: str):
    with pytest.raises(ImproperlyConfigured, match="FIELD_KEYS"):
        keyring(text)
