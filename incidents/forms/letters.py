"""Forms of letters and their templates. They validate; incidents.actions changes."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.actions.letter_docx import MOST_BYTES
from incidents.actions.letter_refusals import DocxTooLarge
from incidents.actions.letter_tags import has_tag
from incidents.forms.fields import LongText, date_field
from incidents.letter_fields import fields_of
from incidents.letter_kinds import LetterField
from incidents.vocabulary import SentBy
from vpdportal.look.forms import PlainForm

DOCX = ".docx,application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class LetterForm(PlainForm):
    """The fields of one kind of letter. All may stay open: a draft is kept, and does not go while a needed one is."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)  # of a new letter
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)  # number of the version that it began from

    def __init__(self, *args: Any, kind: str, seen: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.of_letter = fields_of(kind)
        for one in self.of_letter:
            self.fields[one.name] = _question(one, is_needed=kind in one.needed)
        self.fields["key"].initial, self.fields["seen"].initial = uuid4(), seen

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for one in self.of_letter:
            if has_tag(data.get(one.name, "")):
                self.add_error(one.name, _("Take the double braces out: they belong in a template."))
        return data

    def values(self) -> dict[str, str]:
        """What stands in each field. Only of a form that is right."""
        return {one.name: self.cleaned_data[one.name] for one in self.of_letter}


def _question(one: LetterField, *, is_needed: bool) -> forms.CharField:
    options: dict[str, Any] = {"label": one.label, "help_text": one.help, "max_length": one.most, "required": False}
    field = LongText(rows=3, **options) if one.is_long else forms.CharField(**options)
    field.is_unmarked = is_needed  # type: ignore[attr-defined]
    return field


class DocumentForm(PlainForm):
    """A .docx from a word processor. `seen`: the version of the letter that it takes the place of."""

    document = forms.FileField(
        label=_("Word document (.docx)"),
        help_text=_("At most 2 MB, without macros, tracked changes and comments."),
        widget=forms.FileInput(attrs={"accept": DOCX}),
        error_messages={"empty": _("This file is empty. Choose it again, or choose another one.")},
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def content(self) -> bytes:
        """What is in it. Raises DocxTooLarge before it is read."""
        upload = self.cleaned_data["document"]
        if upload.size > MOST_BYTES:
            raise DocxTooLarge
        content: bytes = upload.read()
        return content


class SentForm(PlainForm):
    seen = forms.IntegerField(widget=forms.HiddenInput)
    sent_on = date_field(label=_("Sent on"))
    sent_by = forms.TypedChoiceField(
        label=_("How was it sent?"), choices=SentBy.choices, coerce=SentBy, widget=forms.RadioSelect
    )


class WithdrawLetterForm(PlainForm):
    seen = forms.IntegerField(widget=forms.HiddenInput)
    reason = LongText(label=_("Why does it not go?"), rows=2, max_length=1000, help_text=_("It is kept as a note."))
