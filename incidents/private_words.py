"""Telling whether a text holds someone's own telephone number, mail or home address, however it is written. Pure.

For what leaves the organisation: there only the organisation's own address and numbers stand [S03][S89].
"""

import re
from collections.abc import Iterable

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(  # of the Netherlands: 06-12345678, +31 (0)6 1234 5678; else any that begins with a plus
    r"(?:(?:\+|00)31[\s.\-]*(?:\(0\))?|(?<![0-9])0)(?:[\s().\-/]*[0-9]){9}|\+[0-9](?:[\s().\-/]*[0-9]){7,13}"
)
_POSTCODE = re.compile(r"\b([1-9][0-9]{3})[\s.\-\u2013]*([A-Za-z]{2})\b")
_STREET = re.compile(
    r"[^\W\d]*(?:straat|str|weg|laan|plein|dijk|kade|gracht|singel|hof|pad|steeg|dreef|park|markt|wal|ring|erf)\.?\s+"
    r"(?:(?:huis)?(?:nummer|nr|no)[\s.:]*)?[0-9]{1,5}",
    re.IGNORECASE,
)
_NUMBER_WORD = re.compile(r"(?<![^\W_])(?:huis)?(?:nummer|nr|no)(?=[\W_]*[0-9])")
_SHORTEST_LINE = 6  # letters and digits of a line of an address that is looked for as a whole


def marks_of(*texts: str | None) -> frozenset[str]:
    """By what a text would give away how someone is reached: mail, telephone, postcode, street with number."""
    return frozenset(mark for text in texts if text for mark in _marks(text))


def marks_of_address(address: str | None) -> frozenset[str]:
    """The same of an address: also each line of it that has a number, whatever the street is called."""
    lines = [_bare(line) for line in re.split(r"[\n,;]", address or "")]
    whole = {f"line {line}" for line in lines if len(line) >= _SHORTEST_LINE and re.search(r"\d", line)}
    return marks_of(address) | whole


def holds_private(text: str, private: Iterable[str]) -> bool:
    """Whether the text holds one of these marks."""
    found = {"mail": text.casefold(), "phone": re.sub(r"[\s().\-/]", "", text), "line": _bare(text)}
    postcodes = {"".join(one).upper() for one in _POSTCODE.findall(text)}
    for kind, mark in (one.split(" ", 1) for one in private):
        if mark in (postcodes if kind == "postcode" else found[kind]):
            return True
    return False


def _marks(text: str) -> Iterable[str]:
    yield from (f"mail {one.casefold()}" for one in _EMAIL.findall(text))
    yield from (f"phone {re.sub('[^0-9]', '', one)[-8:]}" for one in _PHONE.findall(text))
    yield from (f"postcode {''.join(one).upper()}" for one in _POSTCODE.findall(text))
    yield from (f"line {_bare(one)}" for one in _STREET.findall(text))


def _bare(text: str) -> str:
    """Letters and digits only; "Dorpsstraat nr. 12" is the same as "Dorpsstraat 12"."""
    return re.sub(r"[\W_]", "", _NUMBER_WORD.sub("", text.casefold()))
