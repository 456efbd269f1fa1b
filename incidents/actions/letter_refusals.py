"""Why a letter or its template is not kept, made or sent, and how to mend it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.template.defaultfilters import date as as_date
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.actions.refusals import Refused


class DocxRefused(Refused):
    """The file is not taken in."""

    message = _("This is no Word document (.docx). In your word processor choose “Save as”, kind “Word document”.")


class DocxTooLarge(DocxRefused):
    message = _("This document is larger than 2 MB. Make the pictures in it smaller, and choose it again.")


class DocxUnpacksTooLarge(DocxRefused):
    message = _("This document is far larger inside than it looks. It is not opened. Copy its text to a new document.")


class DocxLocked(DocxRefused):
    message = _("This document has a password, or is an old .doc. Take the password off, or save it as .docx.")


class DocxHasMacros(DocxRefused):
    message = _("There are macros in this document. Save it as a Word document without macros (.docx).")


class DocxHasObjects(DocxRefused):
    message = _("There is another file inside this document. Take that out: only text and pictures can be in a letter.")


class DocxReachesOut(DocxRefused):
    """Told what it asks for from elsewhere, as the file calls it."""

    def __init__(self, what: str) -> None:
        text = _(
            "This document asks for something from outside (%(what)s) when it is opened. Put the picture in the "
            "document itself, or detach the template it was made of, and choose it again."
        )
        super().__init__(text % {"what": what[:60]})


class DocxOddlyBuilt(DocxRefused):
    message = _(
        "This document is put together in an unusual way, so not all of it can be checked. Open it in your word "
        "processor, save it as a new Word document (.docx), and choose that one."
    )


class DocxFieldRefused(DocxRefused):
    """Told the word of a field code, which no letter needs."""

    def __init__(self, word: str) -> None:
        text = _(
            "There is a field in this document that cannot be in a letter (%(what)s). Make plain text of that field "
            "(in Word: select it and press Ctrl+Shift+F9), and choose the document again."
        )
        super().__init__(text % {"what": word[:60]})


class DocxLinkRefused(DocxRefused):
    """Told the address of a link that is made by a field."""

    def __init__(self, address: str) -> None:
        text = _(
            "There is a link in this document that goes to no web page, mail address or telephone number "
            "(%(what)s). Take that link out or mend it, and choose the document again."
        )
        super().__init__(text % {"what": address[:60]})


class DocxHasTraces(DocxRefused):
    message = _(
        "There are tracked changes or comments in this document. The receiver could read them. Accept or remove all of "
        "them in your word processor, and choose it again."
    )


class TagRefused(DocxRefused):
    """Told the tag and the paragraph in which it stands."""

    def __init__(self, tag: str, where: int) -> None:
        text = _(
            "“%(tag)s” in paragraph %(where)s is not possible. In a template only {{ field }} and {%% if field %%} … "
            "{%% else %%} … {%% endif %%} can be used."
        )
        super().__init__(text % {"tag": tag[:80], "where": where})


class TagNotClosed(DocxRefused):
    """Told the text around it and the paragraph in which it stands."""

    def __init__(self, tag: str, where: int) -> None:
        text = _(
            "“%(tag)s” in paragraph %(where)s is not opened and closed as it should. Look at the braces around it."
        )
        super().__init__(text % {"tag": tag[:80], "where": where})


class FieldsUnknown(DocxRefused):
    """Told each name that no field of this letter has, with the one that is most like it ("" where none is)."""

    def __init__(self, names: Iterable[tuple[str, str]]) -> None:
        hint = _("%(name)s (do you mean %(near)s?)")
        shown = [str(hint) % {"name": name[:40], "near": near} if near else name[:40] for name, near in names]
        text = _("This letter has no such field: %(names)s. The page about fields says which there are.")
        super().__init__(text % {"names": ", ".join(shown[:10])})


class FieldsLeft(DocxRefused):
    """Told the fields that still stand in a letter that was brought back."""

    def __init__(self, tags: Iterable[str]) -> None:
        text = _("There are still fields in this letter: %(tags)s. Write in their place what must stand there.")
        super().__init__(text % {"tags": ", ".join(tag[:40] for tag in list(tags)[:10])})


class TemplateBroken(DocxRefused):
    message = _(
        "No letter can be made of this template. Look at the conditions: {% if … %} and {% endif %} stand in one "
        "paragraph, or each as {%p if … %} and {%p endif %} in a paragraph of its own."
    )


class NamesSomeone(Refused):
    """Told the fields in which the name of someone stands who may not be named."""

    def __init__(self, labels: Iterable[Any], *, is_of_perpetrator: bool) -> None:
        victim = _("The name of someone who was hit, or who reported it, stands in: %(where)s. Write the function.")
        suspect = _("The name of who did it stands in: %(where)s. Take it out: this letter goes to the reporter.")
        where = ", ".join(str(label) for label in labels)
        super().__init__((suspect if is_of_perpetrator else victim) % {"where": where})


class LetterIsFixed(Refused):
    message = _("This letter was sent or withdrawn. It stays as it is. Make a new letter if something must change.")


class LetterKeptBefore(Refused):
    message = _(
        "You kept this letter already, with other words. Change it there, or keep these words as a second letter: save "
        "again."
    )


class LetterMovedOn(Refused):
    """Told who changed it meanwhile, and when."""

    def __init__(self, name: str, at: datetime) -> None:
        text = _("%(name)s changed this letter on %(at)s. Look at that version, then save yours again to replace it.")
        super().__init__(text % {"name": name, "at": as_date(timezone.localtime(at), "j F Y, H:i")})


class PoliceAskToWait(Refused):
    message = _("The police ask to wait, so nothing goes to the perpetrator now. Keep the letter until they agree.")


class ReactionNeeded(Refused):
    message = _("This letter belongs to a reaction. Draft the reaction first, then make the letter from it.")


class ReactionNotSigned(Refused):
    message = _("The reaction that this letter carries is not signed yet. Send it after the signature.")


class FieldsEmpty(Refused):
    """Told the labels of the needed fields that hold nothing."""

    def __init__(self, labels: Iterable[Any]) -> None:
        text = _("Still empty: %(labels)s. Fill that in first.")
        super().__init__(text % {"labels": ", ".join(str(label) for label in labels)})


class SentOnNoSuchDay(Refused):
    message = _("A letter is sent on the day it was made or later, and not in the future. Look at the date.")


class LetterCannotBeOpened(Refused):
    message = _(
        "This letter cannot be opened: what is stored is not what was kept. Ask your administrator for the backup."
    )


class LetterNotKept(Refused):
    message = _("The letter could not be kept just now. Nothing was changed. Try it again in a while.")
