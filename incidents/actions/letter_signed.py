"""What goes out says what was signed: the same term, the same reach, the same services that stay.

The signature stands under the reaction; the letter is made of it, and can be changed after that. How it is worded is
free; what it takes away, and until when, is not [OWN]. What was given later holds from that day: the letter may name
either day, the one that was signed or the one on which it was given, and no other.
"""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from incidents.actions.letter_said import squeezed, stands_in, text_of
from incidents.actions.letter_tags import checked_template
from incidents.actions.letter_values import SCOPE_FIELD, dutch_day
from incidents.actions.refusals import Refused
from incidents.letter_fields import BY_NAME
from incidents.letter_kinds import LIMITS
from incidents.letters.shipped import shipped_docx
from incidents.models import Letter, LetterVersion, Reaction
from incidents.vocabulary import LetterKind


class OtherThanSigned(Refused):
    """Told the labels of what the letter says otherwise."""

    def __init__(self, labels: Iterable[Any]) -> None:
        text = _(
            "This is not what was signed: %(labels)s. Write it in the letter as it stands in the reaction, or take the "
            "reaction back and have it signed again."
        )
        super().__init__(text % {"labels": ", ".join(str(label) for label in labels)})


def refuse_other_than_signed(letter: Letter, version: LetterVersion) -> None:
    """Raises OtherThanSigned, and LetterCannotBeOpened for one that was brought back. Warnings limit nothing."""
    kind = LetterKind(letter.kind)
    if letter.reaction is None or kind not in LIMITS:
        return
    signed = _signed(letter.reaction, kind)
    other = {name for name, texts in signed.items() if squeezed(version.values.get(name, "")) not in texts}
    if version.is_brought:
        other |= _not_in_the_text(version, kind, signed)
    if other:
        raise OtherThanSigned(BY_NAME[name].label for name in signed if name in other)


def _signed(reaction: Reaction, kind: LetterKind) -> dict[str, set[str]]:
    """What each field may say, squeezed."""
    said = {
        "begin": {dutch_day(reaction.starts_on), dutch_day(reaction.holds_from)},
        "einde": {dutch_day(reaction.ends_on)},
        SCOPE_FIELD[kind]: {reaction.scope},
        "basisdiensten": {reaction.core_services},
    }
    return {name: {squeezed(text) for text in texts} for name, texts in said.items()}


def _not_in_the_text(version: LetterVersion, kind: LetterKind, signed: dict[str, set[str]]) -> set[str]:
    """What a document from a word processor no longer says, of the fields that its template had."""
    text = text_of(version)
    template = bytes(version.template.content) if version.template else shipped_docx(kind)
    used = checked_template(template, kind)
    return {name for name, texts in signed.items() if name in used and not any(stands_in(text, one) for one in texts)}
