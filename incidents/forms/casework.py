"""The adviser's small forms. They validate; incidents.actions changes."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from guidance.vocabulary import Severity
from incidents.forms.fields import date_field, local_moment, time_field
from vpdportal.accounts.models import User
from vpdportal.look.forms import PlainForm


class ReasonForm(PlainForm):
    reason = forms.CharField(label=_("Why not?"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class RemarkForm(PlainForm):
    remark = forms.CharField(
        label=_("Anything others should know?"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Do not write what was said in a talk: only what is needed to go on."),
    )


class NoteForm(PlainForm):
    text = forms.CharField(
        label=_("Internal note"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Only VPD advisers of this organisation read it."),
    )


class OutcomeForm(PlainForm):
    outcome = forms.CharField(
        label=_("What was done?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The reporter reads this. Write it so that someone who was hit can do something with it."),
    )


class SeverityForm(PlainForm):
    severity = forms.TypedChoiceField(
        label=_("Severity"),
        choices=Severity.choices,
        coerce=lambda value: Severity(int(value)),
        widget=forms.RadioSelect,
    )
    severity_reason = forms.CharField(
        label=_("Reason"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Needed when you choose something else than was proposed."),
    )


class HandOverForm(PlainForm):
    to = forms.ModelChoiceField(label=_("To whom?"), queryset=User.objects.none())

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = people  # type: ignore[attr-defined]


class AbsenceForm(PlainForm):
    """From a day until the morning of another; in whole days, because that is how people are away."""

    first_day = date_field(label=_("First day away"))
    back_on = date_field(label=_("First day back"))

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("first_day") and data.get("back_on"):
            midnight = time_field().clean("00:00")
            data["starts_at"] = local_moment(data["first_day"], midnight)
            data["ends_at"] = local_moment(data["back_on"], midnight)
            if data["ends_at"] <= data["starts_at"]:
                self.add_error("back_on", _("The first day back comes after the first day away."))
            elif data["ends_at"] <= self.now:
                self.add_error("back_on", _("This time has already passed."))
        return data
