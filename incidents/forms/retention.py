"""Choosing terms, and keeping one case longer."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.actions.keeping.parts import OF_CASE
from incidents.forms.fields import date_field
from incidents.vocabulary import KeptPart, StayKind
from vpdportal.look.forms import PlainForm

MONTHS = _("Choose from 1 to 360 months.")


class TermForm(PlainForm):
    part = forms.ChoiceField(label=_("Of what"), choices=KeptPart.choices)
    months = forms.IntegerField(
        label=_("How many months"),
        min_value=1,
        max_value=360,
        error_messages={"min_value": MONTHS, "max_value": MONTHS, "invalid": MONTHS},
        help_text=_("From 1 to 360. Two years is 24 months, five years is 60."),
    )


class StayForm(PlainForm):
    kind = forms.ChoiceField(
        label=_("Why is it kept longer?"),
        choices=[
            (StayKind.POSTPONED, _("Put off: we still need it for a while")),
            (StayKind.LEGAL_HOLD, _("Legal matter: it is kept until someone lifts this")),
        ],
        widget=forms.RadioSelect,
    )
    part = forms.ChoiceField(
        label=_("Which part"),
        choices=[("", _("All of it")), *((part.value, part.label) for part in OF_CASE)],
        required=False,
    )
    until = date_field(
        label=_("Until which day"),
        help_text=_("At most 12 months from now. Of a legal matter: the day on which you look at it again."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Such as: the court case runs until the spring. Other VPD advisers read this."),
    )

    def chosen(self) -> dict[str, Any]:
        """What was chosen, as the action takes it."""
        data = self.cleaned_data
        until: date = data["until"]
        return {
            "kind": StayKind(data["kind"]),
            "part": KeptPart(data["part"]) if data["part"] else None,
            "until": until,
            "reason": data["reason"],
        }
