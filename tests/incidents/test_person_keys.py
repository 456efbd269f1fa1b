"""Identifiers as keyed hashes: written another way it is the same, a neighbour's is not, and nobody else's matches."""

from typing import Any
from uuid import UUID

import pytest
from django.core.exceptions import ImproperlyConfigured

from incidents.person_keys import digest, digests_of, looks_like_bsn, normalised, words_key
from incidents.vocabulary import IdentifierKind

HERE, THERE = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize(
    ("kind", "first", "second"),
    [
        ("name_birth", "Jan van den Berg 1-2-1980", "BERG, van den Jân 1980-02-01"),
        ("name_birth", "Søren Łucja 31/12/1999", "soren lucja 31.12.1999"),
        ("email", " Naam@Voorbeeld.NL ", "naam@voorbeeld.nl"),
        ("phone", "06-12 34 56 78", "+31 6 12345678"),
        ("phone", "0031 (0)6 1234 5678", "0612345678"),
        ("phone", "+31 06 12345678", "0612345678"),
        ("phone", "003221234567", "+32 2 1234567"),
        ("client", "a-12.34", "A1234"),
        ("account", "@Naam", "naam"),
        ("account", "https://voorbeeld.invalid/Naam/?x=1", "naam"),
        ("address", "1234 ab 12-A", "1234AB 12a"),
        ("address", "Dorpsstraat 12 a, 1234 AB Dorp", "1234 AB 12 a"),
        ("address", "1234AB|012|", "1234 AB 12"),
        ("plate", "ab-12-cd", "AB 12 CD"),
    ],
)
def test_written_another_way_it_is_the_same(kind: str, first: str, second: str):
    assert digest(kind, first, HERE) == digest(kind, second, HERE)


@pytest.mark.parametrize(
    ("kind", "first", "second"),
    [
        ("name_birth", "Jan de Vries 1980-02-01", "Jan de Vries 1980-01-02"),
        ("name_birth", "Jan de Vries 1980-02-01", "Jan Vries 1980-02-01"),
        ("phone", "0612345678", "0612345679"),
        ("address", "1234 AB 1", "1234 AB 11"),
        ("address", "1234 AB 1", "1234 AB 1 a"),
        ("address", "1234 AB 12", "1234 AC 12"),
        ("email", "a.b@voorbeeld.nl", "ab@voorbeeld.nl"),
    ],
)
def test_a_neighbour_is_someone_else(kind: str, first: str, second: str):
    assert normalised(kind, first) and normalised(kind, second)
    assert digest(kind, first, HERE) != digest(kind, second, HERE)


def test_two_organisations_and_two_kinds_never_match():
    assert digest("client", "AB12CD", HERE) != digest("client", "AB12CD", THERE)
    assert digest("client", "AB12CD", HERE) != digest("plate", "AB12CD", HERE)
    assert words_key(HERE) != words_key(THERE) and len(words_key(HERE)) == 32
    assert not set(digests_of("ab-12-cd", HERE)) & set(digests_of("ab-12-cd", THERE))


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("ab-12-cd", {"client", "account", "plate"}),
        ("Jan de Vries 1980-02-01", {"name_birth", "client"}),
        ("naam@voorbeeld.nl", {"email"}),
        ("1234 AB 12", {"address", "client", "plate"}),
        ("0612345678", {"phone", "client", "account"}),
        ("", set()),
        ("😡 \u202e", set()),
        ("Jan de Vries", set()),
    ],
)
def test_a_typed_text_is_tried_as_all_that_it_can_be(text: str, kinds: set[str]):
    assert set(digests_of(text, HERE)) == {digest(kind, text, HERE) for kind in kinds}


@pytest.mark.parametrize("kind", IdentifierKind.values)
@pytest.mark.parametrize("value", ["", "  ", "x" * 5000, "\u0661\u0662 😡", "31-02-1980 Jan", "1-1-0000 Jan"])
def test_what_cannot_be_of_a_kind_is_refused_or_hashed_but_never_breaks(kind: str, value: str):
    if normalised(kind, value):
        assert len(digest(kind, value, HERE)) == 64
    else:
        with pytest.raises(ValueError, match=kind):
            digest(kind, value, HERE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("123456782", True),
        ("bsn 1234 56 782.", True),
        ("123.456.782", True),
        ("2026 123456782", True),
        ("123456789", False),
        ("0612345678", False),
        ("+31 612345678", False),
        ("000000000", False),
        ("1980-02-01", False),
    ],
)
def test_a_citizen_service_number_is_seen(text: str, expected: bool):
    assert looks_like_bsn(text) is expected


@pytest.mark.parametrize("key", ["not base64!", "a2V5"])
def test_a_malformed_key_says_how_to_mend_it(settings: Any, key: str):
    assert digest("plate", "AB12CD", HERE)
    settings.LOOKUP_KEY = key
    with pytest.raises(ImproperlyConfigured, match="LOOKUP_KEY"):
        digest("plate", "AB12CD", HERE)


def test_another_key_gives_other_hashes(settings: Any):
    before = digest("plate", "AB12CD", HERE)
    settings.LOOKUP_KEY = "b3RoZXItb25seS1rZXktZm9yLWxvb2tpbmctdXAhISE="
    assert digest("plate", "AB12CD", HERE) != before
