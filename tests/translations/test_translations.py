"""Both languages are complete, and say the same."""

import re

import polib
import pytest

from tests.translations.extract import CATALOGUE, texts

PLACE = re.compile(r"%\(\w+\)s")
CATALOGUED = polib.pofile(str(CATALOGUE))


def test_every_text_is_in_the_catalogue_and_nothing_else():
    have = {(entry.msgid, entry.msgid_plural) for entry in CATALOGUED if not entry.obsolete}
    assert set(texts()) - have == set(), "run `make messages`, then translate"
    assert have - set(texts()) == set(), "run `make messages`"


def test_every_text_is_translated():
    assert [entry.msgid for entry in CATALOGUED.untranslated_entries() + CATALOGUED.fuzzy_entries()] == []


@pytest.mark.parametrize("entry", CATALOGUED, ids=lambda entry: entry.msgid[:40])
def test_a_translation_keeps_the_places_to_fill_in(entry: polib.POEntry):
    wanted = set(PLACE.findall(entry.msgid + entry.msgid_plural))
    for text in entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]:
        assert set(PLACE.findall(text)) == wanted


def test_the_screen_says_u():
    informal = re.compile(r"\b(jij|jouw|je bent|kun je|heb je)\b", re.IGNORECASE)
    assert [entry.msgstr for entry in CATALOGUED if informal.search(entry.msgstr)] == []
