"""Long passwords that are guessed first: a common word and a number, or the same over and over (ASVS 6.2.12).

Of Django's 20,000 common passwords 190 have twelve signs; a longer list of leaked ones would hold little more. What
people make of a rule of twelve signs is a short one, stretched: Welkom2026!!, wachtwoordwachtwoord. So what is left
without the stretching is looked up [OWN].
"""

import re
from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

FEWEST = 5  # different signs
LONGEST_PART = 12  # that is repeated
NEIGHBOURS = 0.75  # of all steps from one sign to the next
WORDS = frozenset(
    (
        *("zomer", "winter", "lente", "herfst", "summer", "spring", "autumn", "nederland", "rotterdam", "utrecht"),
        *("januari", "februari", "maart", "april", "juni", "juli", "augustus", "september", "oktober", "november"),
        *("december", "january", "february", "march", "june", "july", "august", "october"),
        *("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"),
        *("gemeente", "provincie", "waterschap", "portaal", "portal", "vpd", "vpdportaal", "vpdportal", "melding"),
    )
)
DISGUISES = str.maketrans("013457@$!", "oieastasi")


class PredictablePasswordValidator(CommonPasswordValidator):
    """Refuses what is a common word once digits, signs and repetition are taken off."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError."""
        text = password.lower()
        if self._is_common(text) or _is_monotonous(text):
            raise ValidationError(
                _("This password is easy to guess. Take a few words that have nothing to do with each other."),
                code="password_too_predictable",
            )

    def _is_common(self, text: str) -> bool:
        known = self.passwords | WORDS
        plain = (text, text.translate(DISGUISES), text.strip("0123456789!?.@#$%&* ").translate(DISGUISES))
        parts = {re.sub(r"[^a-z]+", "", one) for one in plain}
        parts |= {_repeated(part) for part in parts}
        return any(part in known for part in parts if part)


def _repeated(text: str) -> str:
    """What a text is a repetition of, or the text itself."""
    found = re.fullmatch(rf"(.{{1,{LONGEST_PART}}}?)\1+", text)
    return found[1] if found else text


def _is_monotonous(text: str) -> bool:
    steps = [ord(after) - ord(before) for before, after in zip(text, text[1:], strict=False)]
    is_row = sum(abs(step) == 1 for step in steps) >= NEIGHBOURS * max(1, len(steps))
    return len(set(text)) < FEWEST or is_row or _repeated(text) != text
