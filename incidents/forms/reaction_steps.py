"""The small forms of a reaction's steps. They validate; incidents.actions changes."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.forms.fields import EARLIEST, LongText, date_field, local_moment, time_field
from incidents.forms.reactions import LONG, NOT_YET, TOO_FAR
from incidents.vocabulary import EndKind
from vpdportal.look.forms import PlainForm


class NothingForm(PlainForm):
    """A step that asks nothing more."""


class ReactionReasonForm(PlainForm):
    reason = LongText(label=_("Why?"), max_length=2000, rows=3)


class SendBackForm(PlainForm):
    remark = LongText(label=_("What has to be otherwise?"), max_length=2000, rows=3)


class ReviewForm(PlainForm):
    remark = LongText(
        label=_("What did you find?"),
        max_length=2000,
        rows=3,
        required=False,
        help_text=_("Is it still needed? Did the person better their ways? Kept as a note of the desk."),
    )


class DayForm(PlainForm):
    """A step that was done on a day, at the latest today."""

    day = date_field(label=_("On which day was it given?"))

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if day > timezone.localdate(self.now):
            raise forms.ValidationError(NOT_YET)
        if day < EARLIEST:
            raise forms.ValidationError(TOO_FAR)
        return day


class HeldForm(DayForm):
    day = date_field(label=_("On which day was it held?"))
    heard = LongText(
        label=_("What did the other side say?"),
        max_length=LONG,
        rows=4,
        help_text=_("Give room for their side. Being confused or drunk is no excuse, but can be a reason to adapt."),
    )
    agreed = LongText(label=_("What was agreed?"), max_length=LONG, rows=3)


class EndForm(PlainForm):
    end_kind = forms.ChoiceField(
        label=_("How does it end?"),
        choices=[(kind.value, kind.label) for kind in (EndKind.EARLY, EndKind.ANNULLED)],
        widget=forms.RadioSelect,
    )
    reason = LongText(label=_("Why?"), max_length=2000, rows=3)


class BreachForm(PlainForm):
    """When a running measure was broken, and how."""

    day = date_field(label=_("On which day?"))
    hour = time_field(label=_("What time, about?"))
    words = LongText(
        label=_("What happened?"),
        max_length=LONG,
        rows=4,
        help_text=_("What was seen, and by whom. Breaking a building ban is an offence: section 138 and 139 Sr."),
    )
    is_police_told = forms.BooleanField(label=_("The police were told of it"), required=False)

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("day") and data.get("hour"):
            if data["day"] < EARLIEST or data["day"] > timezone.localdate(self.now):
                self.add_error("day", NOT_YET if data["day"] >= EARLIEST else TOO_FAR)
                return data
            data["happened_at"] = local_moment(data["day"], data["hour"])
            if data["happened_at"] > self.now:
                self.add_error("hour", _("This moment still has to come."))
        return data
