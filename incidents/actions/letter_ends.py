"""The letter that tells of an end says the day on which the measure ended: not a later one, that held no more."""

from django.utils.translation import gettext_lazy as _

from incidents.actions.letter_said import squeezed, stands_in, text_of
from incidents.actions.letter_values import dutch_day
from incidents.actions.letter_words import last_day
from incidents.actions.refusals import Refused
from incidents.models import Letter, LetterVersion
from incidents.vocabulary import LetterKind


class EndsOtherwise(Refused):
    """Told the day on which it ended, as it must stand in the letter."""

    def __init__(self, day: str) -> None:
        text = _("The measure ended on %(day)s, and the letter says another day. Write that day, or make a new letter.")
        super().__init__(text % {"day": day})


def refuse_other_end(letter: Letter, version: LetterVersion) -> None:
    """Raises EndsOtherwise, and LetterCannotBeOpened for one that was brought back. What still runs is not judged."""
    if letter.kind != LetterKind.BAN_END or letter.reaction is None or letter.reaction.ended_at is None:
        return
    day = dutch_day(last_day(letter.reaction))
    is_said = squeezed(version.values.get("einde", "")) == squeezed(day)
    if is_said and version.is_brought:
        is_said = stands_in(text_of(version), squeezed(day))
    if not is_said:
        raise EndsOtherwise(day)
