"""Why a sheet for the police is not kept, filed or printed, and how to mend it."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.actions.refusals import Refused


class HoldsPrivate(Refused):
    """The person hit must not be found through the sheet [S03]."""

    message = _(
        "A telephone number, mail or address of the person hit, or of someone close, is in what would go to the "
        "police. Take it out: only the address and numbers of the organisation go along."
    )
    story = _(
        "The story of the report holds a telephone number, mail or address of the person hit. Leave the story out and "
        "write what happened yourself."
    )


class NamesTheVictim(Refused):
    """Told by which word, and where it stands. `place`: the question on the sheet, for `answer` only."""

    answer = _(
        "“%(word)s” stands in the answer to “%(place)s”. It belongs to the name or mail address of the person hit, "
        "who asks to be kept under a number. Write the function or “the person hit” there, or leave the number."
    )
    story = _(
        "“%(word)s” stands in the story of the report. It belongs to the name or mail address of the person hit, who "
        "asks to be kept under a number. Leave the story out and write what happened yourself, or leave the number."
    )
    witness = _(
        "“%(word)s” stands in the names of witnesses. It belongs to the name or mail address of the person hit, who "
        "asks to be kept under a number. Leave these names out and write the witnesses by function, or leave the "
        "number."
    )
    perpetrator = _(
        "The perpetrator you chose has the same name, “%(word)s”, as the person hit, who asks to be kept under a "
        "number. Leave that name out and write who did it yourself, or leave the number."
    )
    ordinary = _("Is it no name there but an ordinary word? Then write it with a small letter.")

    def __init__(self, text: Any, word: str, place: Any = "", *, is_ordinary: bool = False) -> None:
        super().__init__()
        self.text, self.known = text, {"word": word, "place": place}
        self.is_ordinary = is_ordinary

    def __str__(self) -> str:
        """Only now put into words: the screen may speak another language than the paper."""
        said = str(self.text) % self.known
        return f"{said} {self.ordinary}" if self.is_ordinary else said


class UnderNumberNoHelp(Refused):
    message = _(
        "Under a number only helps when the perpetrator does not know the name. Is that so? First set it in the "
        "facts of the case."
    )


class AlreadyStarted(Refused):
    message = _("Such a sheet is being prepared already. It is on this page: go on with it.")


class AlreadyFiled(Refused):
    message = _(
        "This sheet went to the police, so what it said stays as it went. Is there more to tell? Start a new one."
    )


class NotFiledYet(Refused):
    message = _("First write that it was filed, and when. Then the outcome can follow.")


class DayDoesNotFit(Refused):
    message = _("This day does not fit: it lies in the future, or before what it follows.")


class NotOfThisCase(Refused):
    message = _("One of the chosen files or people is not, or no longer, in this case. Look at the choices again.")


class ChangedMeanwhile(Refused):
    """Told who was first, and when."""

    by_someone = _("%(name)s changed this sheet %(moment)s. Look at what stands there now, then save again.")

    def __init__(self, name: str, moment: datetime) -> None:
        when = timezone.localtime(moment).strftime("%d-%m-%Y %H:%M")
        super().__init__(self.by_someone % {"name": name, "moment": when})
