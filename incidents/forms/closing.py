"""The one question back at the end, and asking to open a case again. They validate; incidents.actions.closing acts."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.forms.fields import LongText
from incidents.forms.messages import LONGEST, SentOnce
from incidents.vocabulary import Helped
from vpdportal.look.forms import PlainForm


class HelpedForm(PlainForm):
    helped = forms.TypedChoiceField(
        label=_("Were you helped?"), choices=Helped.choices, coerce=Helped, widget=forms.RadioSelect
    )
    remark = LongText(
        label=_("Do you want to say why?"),
        max_length=2000,
        rows=3,
        required=False,
        help_text=_("Your adviser reads this."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["remark"].is_unmarked = True  # type: ignore[attr-defined]


class ReopenForm(SentOnce):
    """For the person hit: what still has to be done."""

    reason = LongText(
        label=_("What still has to be done, or what happened?"),
        max_length=LONGEST,
        rows=4,
        help_text=_("Your adviser reads this and calls you."),
    )


class DeskReopenForm(PlainForm):
    reopen_reason = LongText(
        label=_("Why is the case opened again?"),
        max_length=LONGEST,
        rows=3,
        help_text=_("Kept as an internal note. The reporter sees that the case is open again."),
    )
