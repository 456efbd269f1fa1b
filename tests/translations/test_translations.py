"""Both languages are complete, and say the same."""

import re

import polib
import pytest

from tests.translations.extract import CATALOGUE, texts

PLACE = re.compile(r"%\(\w+\)s")


@pytest.fixture(scope="module")
def catalogued() -> polib.POFile:
    return polib.pofile(str(CATALOGUE))


def test_every_text_is_in_the_catalogue_and_nothing_else(catalogued: polib.POFile):
    have = {(entry.msgid, entry.msgid_plural) for entry in catalogued if not entry.obsolete}
    assert set(texts()) - have == set(), "run `make messages`, then translate"
    assert have - set(texts()) == set(), "run `make messages`"


def test_every_text_is_translated(catalogued: polib.POFile):
    assert [entry.msgid for entry in catalogued.untranslated_entries() + catalogued.fuzzy_entries()] == []


def test_a_translation_keeps_the_places_to_fill_in(catalogued: polib.POFile):
    assert [entry.msgid for entry in catalogued if not keeps_its_places(entry)] == []


def keeps_its_places(entry: polib.POEntry) -> bool:
    wanted = set(PLACE.findall(entry.msgid + entry.msgid_plural))
    translated = entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]
    return all(set(PLACE.findall(text)) == wanted for text in translated)


def test_a_place_that_is_lost_is_found():
    assert keeps_its_places(polib.POEntry(msgid="%(count)s cases", msgstr="%(count)s dossiers"))
    assert not keeps_its_places(polib.POEntry(msgid="%(count)s cases", msgstr="veel dossiers"))
    one_of_two = {0: "een dossier van %(name)s", 1: "%(count)s dossiers van %(name)s"}
    assert not keeps_its_places(
        polib.POEntry(msgid="%(count)s case of %(name)s", msgid_plural="%(count)s cases", msgstr_plural=one_of_two)
    )


def test_the_screen_says_u(catalogued: polib.POFile):
    informal = re.compile(r"\b(jij|jouw|je bent|kun je|heb je)\b", re.IGNORECASE)
    assert [entry.msgstr for entry in catalogued if informal.search(entry.msgstr)] == []
