"""By what a person is known again: identifiers as keyed hashes, so that the database can compare and nobody can read.

HMAC-SHA256 with a key for each organisation, made from `settings.LOOKUP_KEY`. What is hashed also names the
organisation and the kind, so hashes of two organisations never match, and an account never matches a client number.
Only an exact identifier matches (after writing it one way): a neighbour's house number is someone else's.

With another LOOKUP_KEY nobody is known again, until `manage.py rotate_lookup_key` has made all hashes anew.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Callable
from datetime import date
from functools import cache
from unicodedata import normalize
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from incidents.vocabulary import IdentifierKind

UNDECOMPOSED = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe"})
DAY = re.compile(r"(?<!\d)(?:(\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}))(?!\d)")
# The addition: at most four signs, so that the name of a town behind the number is not taken for one.
NUMBER = r"(?P<number>\d{1,5})[\s./|-]*(?P<addition>[a-z0-9]{0,4}(?:[\s-][a-z0-9])?)"
CODE = r"(?P<digits>[1-9]\d{3})\s*(?P<letters>[a-z]{2})"
ADDRESS_FORMS = (
    re.compile(rf"^{CODE}[\s,|]*{NUMBER}$"),  # 1234 AB 12 a
    re.compile(rf"^[^\d]+\s{NUMBER}\s*,?\s*{CODE}(?![a-z])[\s,]*[^\d]*$"),  # Dorpsstraat 12 a, 1234 AB Dorp
)
EMAIL = re.compile(r"[^\s@,;<>]+@[^\s@,;<>]+\.[^\s@,;<>]+")
PHONE = re.compile(r"\+[1-9]\d{7,14}")
BSN_DIGITS = 9


def digest(kind: str, value: str, organisation_id: UUID) -> str:
    """The keyed hash (64 hex digits) of this identifier in this organisation.

    Raises ValueError when the value cannot be of that kind; see `normalised`.
    """
    plain = normalised(kind, value)
    if not plain:
        raise ValueError(f"not a {kind}")
    return _hmac(_key_of(organisation_id, "person"), f"{organisation_id}|{kind}|{plain}").hex()


def digests_of(text: str, organisation_id: UUID) -> list[str]:
    """The hashes of everything that a typed text can be: an e-mail address, a number plate, a name and birth date."""
    return [digest(kind, text, organisation_id) for kind in IdentifierKind.values if normalised(kind, text)]


def words_key(organisation_id: UUID) -> bytes:
    """The key (32 bytes) for hashing the words of this organisation's cases; it never matches that of persons."""
    return _key_of(organisation_id, "words")


def normalised(kind: str, value: str) -> str:
    """The identifier written one way, so that typing it otherwise finds it too; "" when it cannot be of this kind.

    A name keeps all its parts ("van der"), in any order, with the birth date: Berg, Jan van den 1-2-1980.
    """
    return WAYS[IdentifierKind(kind)](normalize("NFKC", value).strip())


def looks_like_bsn(text: str) -> bool:
    """Whether a citizen service number may stand in this text: nine digits that pass the eleven-test.

    A telephone number with its country is none. One in eleven other numbers of nine digits is taken for one.
    """
    plain = normalize("NFKC", text)
    runs = re.findall(r"(?<![\d+])\d(?:[ .-]?\d)*", plain)
    numbers = {re.sub(r"\D", "", run) for run in runs} | {part for run in runs for part in re.split(r"\D", run)}
    return any(_passes_eleven_test(number) for number in numbers)


def plain_words(text: str) -> list[str]:
    """The words of a text without capitals and accents."""
    apart = normalize("NFKD", text.casefold().translate(UNDECOMPOSED))
    return re.findall(r"[^\W_]+", "".join(sign for sign in apart if not "\u0300" <= sign <= "\u036f"))


def _name_and_birth(value: str) -> str:
    found = DAY.search(value)
    if not found:
        return ""
    year, month, day = (found[1], found[2], found[3]) if found[1] else (found[6], found[5], found[4])
    try:
        born = date(int(year), int(month), int(day))
    except ValueError:
        return ""
    words = plain_words(value[: found.start()] + " " + value[found.end() :])
    is_name = bool(words) and not any(word.isdigit() for word in words)
    return f"{' '.join(sorted(words))}|{born.isoformat()}" if is_name else ""


def _email(value: str) -> str:
    return value.casefold() if EMAIL.fullmatch(value) else ""


def _phone(value: str) -> str:
    if re.search(r"[^\d\s+().\-/]", value):
        return ""
    number = re.sub(r"[^\d+]", "", value.replace("(0)", ""))
    if number.startswith("00"):
        number = "+" + number[2:]
    elif re.fullmatch(r"0[1-9]\d{8}", number):
        number = "+31" + number[1:]
    if number.startswith("+310"):  # +31 06…
        number = "+31" + number[4:]
    return number if PHONE.fullmatch(number) else ""


def _letters_and_digits(value: str) -> str:
    return "".join(sign for sign in value.upper() if sign.isascii() and sign.isalnum())


def _client(value: str) -> str:
    plain = _letters_and_digits(value)
    is_number = 3 <= len(plain) <= 40 and any(sign.isdigit() for sign in plain) and "@" not in value
    return plain if is_number else ""


def _account(value: str) -> str:
    name = value.partition("?")[0].rstrip("/").rpartition("/")[2].lstrip("@").casefold()
    return name if name and not re.search(r"[\s@]", name) else ""


def _address(value: str) -> str:
    for form in ADDRESS_FORMS:
        if found := form.match(value.lower()):
            addition = re.sub(r"[^a-z0-9]", "", found["addition"])
            return f"{found['digits']}{found['letters'].upper()}|{int(found['number'])}|{addition}"
    return ""


def _plate(value: str) -> str:
    plain = _letters_and_digits(value)
    has_both = any(sign.isdigit() for sign in plain) and any(sign.isalpha() for sign in plain)
    return plain if has_both and 4 <= len(plain) <= 9 and "@" not in value else ""


WAYS: dict[IdentifierKind, Callable[[str], str]] = {
    IdentifierKind.NAME_BIRTH: _name_and_birth,
    IdentifierKind.EMAIL: _email,
    IdentifierKind.PHONE: _phone,
    IdentifierKind.CLIENT: _client,
    IdentifierKind.ACCOUNT: _account,
    IdentifierKind.ADDRESS: _address,
    IdentifierKind.PLATE: _plate,
}


def _passes_eleven_test(number: str) -> bool:
    if len(number) != BSN_DIGITS or not number.strip("0"):
        return False
    *first, last = (int(sign) for sign in number)
    weights = range(BSN_DIGITS, 1, -1)
    return (sum(weight * sign for weight, sign in zip(weights, first, strict=True)) - last) % 11 == 0


def _key_of(organisation_id: UUID, use: str) -> bytes:
    return _hmac(_master(settings.LOOKUP_KEY), f"{use}|{organisation_id}")


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")


@cache
def _master(encoded: str) -> bytes:
    """The key of the whole portal. Raises ImproperlyConfigured when it is malformed."""
    try:
        key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ImproperlyConfigured("LOOKUP_KEY is not base64.") from error
    if len(key) != 32:
        raise ImproperlyConfigured("LOOKUP_KEY must be base64 of exactly 32 bytes.")
    return key
