"""Amounts in euro, kept as whole cents. Pure: how they are typed and how they are shown, in the Dutch way."""

import re

MOST = 1_000_000_000  # cents: ten million euro; [OWN], a larger one is a typing error
_THOUSANDS = re.compile(r"(?P<whole>[0-9]{1,3}(?:\.[0-9]{3})+)(?:,(?P<cents>[0-9]{1,2}))?")  # 1.234,50
_ENGLISH = re.compile(r"(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+)\.(?P<cents>[0-9]{1,2})")  # 1,234.50
_PLAIN = re.compile(r"(?P<whole>[0-9]+)(?:[.,](?P<cents>[0-9]{1,2}))?")  # 1234.50 and 1234,5


def euros(cents: int) -> str:
    """An amount as people read it here, in whatever language: "€ 1.234,50". The spaces never break."""
    whole, rest = divmod(abs(cents), 100)
    sign = "-" if cents < 0 else ""
    return f"€\u00a0{sign}{whole:,}".replace(",", ".") + f",{rest:02d}"


def typed(cents: int) -> str:
    """An amount as it stands in a form: "1.234,50"."""
    return euros(cents).removeprefix("€\u00a0")


def cents_of(text: str) -> int:
    """The cents of what someone typed: "1.234,50", "1234.50", "€ 12,-". Raises ValueError where it is no amount."""
    bare = re.sub(r"[€\s]", "", text)
    bare = re.sub(r",[-–—]{1,2}$", "", bare)  # "12,-"
    for form in (_THOUSANDS, _ENGLISH, _PLAIN):
        if found := form.fullmatch(bare):
            parts = found.groupdict()
            whole = re.sub(r"[.,]", "", parts["whole"])
            return int(whole[:15]) * 100 + int((parts["cents"] or "0").ljust(2, "0"))
    raise ValueError(text)
