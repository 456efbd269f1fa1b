"""Report numbers that people can read aloud and that tell nothing: random, with a check character.

Form: `VW-7K3QD-2`: the organisation's letters, five random characters of Crockford's base 32 (no I, L, O, U), and one
that catches a mistyped character. Not a sequence: a number gives away neither how many reports there are nor when.
"""

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BASE = len(ALPHABET)
LENGTH = 5
CODE_LENGTH = 6  # of the code of a place, on its poster


def new_reference(prefix: str) -> str:
    """A random number with this prefix. The caller keeps it unique within the organisation."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return f"{prefix}-{body}-{check_character(body)}"


def check_character(body: str) -> str:
    """The character that makes a mistyped or swapped neighbour show: weighted sum, modulo 31 (a prime)."""
    return ALPHABET[sum((index + 2) * ALPHABET.index(letter) for index, letter in enumerate(body)) % 31]


def normalise(typed: str) -> str:
    """What someone typed as a number, in the stored form: capitals, look-alikes mended, only what a number has."""
    kept = "".join(letter for letter in typed.upper() if letter in ALPHABET + "ILOU-")
    prefix, separator, rest = kept.partition("-")
    return prefix + separator + rest.replace("O", "0").replace("I", "1").replace("L", "1")


def new_code() -> str:
    """A random code for the short link of a place. The caller keeps it unique: it is found without an organisation."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def normalise_code(typed: str) -> str:
    """What someone typed from a poster, in the stored form: capitals, look-alikes mended, nothing between them."""
    kept = "".join(letter for letter in typed.upper() if letter in ALPHABET + "ILO")
    return kept.replace("O", "0").replace("I", "1").replace("L", "1")
