"""The small forms of aftercare. They take a moment, a place, a person and a wish; never what is said in a talk."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guidance.deadlines import end_of_day
from incidents.actions.care import Appointment, Someone
from incidents.forms.fields import EARLIEST, LongText, date_field, local_moment, time_field
from incidents.vocabulary import CareFor
from vpdportal.accounts.models import User
from vpdportal.look.forms import PlainForm

FURTHEST = timedelta(days=2 * 366)  # nobody plans aftercare further ahead [OWN]
NOTHING_OF_THE_TALK = _("Write nothing of what is said in the talk.")


def moment_within_reason(day: date, hour: Any, now: datetime) -> datetime:
    """The local moment. Raises ValidationError for a day before 2000 or more than two years ahead."""
    if not EARLIEST <= day <= timezone.localdate(now) + FURTHEST:
        raise forms.ValidationError(_("Check the date: it lies too far back, or too far ahead."))
    return local_moment(day, hour)


class _MomentForm(PlainForm):
    """A day and an hour, as `moment`."""

    day = date_field(label=_("Day"))
    hour = time_field(label=_("Hour"))
    revision = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("day") and data.get("hour") is not None:
            try:
                data["moment"] = moment_within_reason(data["day"], data["hour"], self.now)
            except forms.ValidationError as error:
                self.add_error("day", error)
        return data


class PlanForm(_MomentForm):
    place = forms.CharField(
        label=_("Where, or by which telephone number?"), max_length=200, required=False, help_text=NOTHING_OF_THE_TALK
    )
    given_by = forms.ModelChoiceField(label=_("With whom?"), queryset=User.objects.none(), required=False)

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["given_by"].queryset = people  # type: ignore[attr-defined]
        self.fields["given_by"].empty_label = _("Who has the task now")  # type: ignore[attr-defined]

    def appointment(self) -> Appointment:
        data = self.cleaned_data
        return Appointment(at=data["moment"], place=data["place"], given_by=data["given_by"])


class HeldForm(_MomentForm):
    """When it was held; not how it went."""


class NotNeededForm(PlainForm):
    reason = forms.CharField(
        label=_("Why is it not needed?"),
        max_length=300,
        help_text=_("For example: the person left. Did they decline it? Then say that instead."),
    )
    revision = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class WishForm(PlainForm):
    """What suits the person better. Also for asking again, where words are not needed."""

    wish = LongText(
        label=_("Which moment suits better, or with whom would you rather talk?"),
        rows=3,
        max_length=500,
        required=False,
        help_text=_("Only which moment or with whom; not what happened."),
    )
    revision = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class ExtraForm(PlainForm):
    """One more moment, for somebody with or without an account."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)  # of the form: pressed twice it is one moment
    care_for = forms.ChoiceField(label=_("For whom?"), choices=CareFor.choices, widget=forms.RadioSelect)
    email = forms.EmailField(
        label=_("Work e-mail address, of a colleague with an account"),
        required=False,
        help_text=_("Then this person can accept, move or decline it."),
    )
    name = forms.CharField(label=_("Name, of someone without an account"), max_length=120, required=False)
    contact = forms.CharField(label=_("How to reach this person"), max_length=200, required=False)
    due_day = date_field(label=_("To be held before the end of"))
    given_by = forms.ModelChoiceField(label=_("By whom?"), queryset=User.objects.none())

    def __init__(self, *args: Any, people: Any, colleagues: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now, self.colleagues = now, colleagues
        self.fields["given_by"].queryset = people  # type: ignore[attr-defined]

    def clean_due_day(self) -> date:
        day: date = self.cleaned_data["due_day"]
        if day > timezone.localdate(self.now) + FURTHEST or end_of_day(day) < self.now:
            raise forms.ValidationError(_("Choose a day that has not ended yet, within two years."))
        return day

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        email, name = data.get("email", ""), data.get("name", "").strip()
        if data.get("care_for") == CareFor.AFFECTED or "email" in self.errors:
            return data
        if email:
            data["user"] = self.colleagues.filter(email=email.strip().lower()).first()
            if data["user"] is None:
                self.add_error("email", _("This is not a colleague with an account in this organisation."))
        elif not name:
            self.add_error("name", _("Give a name, or the work e-mail address of a colleague."))
        return data

    def someone(self) -> Someone:
        data = self.cleaned_data
        care_for = CareFor(data["care_for"])
        if care_for == CareFor.AFFECTED:
            return Someone(care_for, contact=data["contact"])
        if data.get("user"):
            return Someone(care_for, user=data["user"], contact=data["contact"])
        return Someone(care_for, name=data["name"], contact=data["contact"])

    def due_at(self) -> datetime:
        return end_of_day(self.cleaned_data["due_day"])
