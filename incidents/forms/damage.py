"""The forms of damage. They validate; incidents.actions.damage changes."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents.actions.damage import FOLLOWED, WHAT
from incidents.forms.fields import EARLIEST, LongText, date_field
from incidents.forms.money import MoneyField
from incidents.models import DamageLine
from incidents.vocabulary import DamageKind, DamageOf, DamageRoute
from vpdportal.look.forms import PlainForm


class _LossForm(PlainForm):
    """One loss."""

    of = forms.ChoiceField(
        label=gettext_lazy("Whose damage is it?"), choices=DamageOf.choices, widget=forms.RadioSelect
    )
    kind = forms.ChoiceField(label=gettext_lazy("What kind?"), choices=DamageKind.choices)
    words = LongText(
        label=gettext_lazy("In a few words"),
        max_length=500,
        rows=2,
        required=False,
        help_text=gettext_lazy("For example: glasses, broken. Of medical costs only that they are, no diagnosis."),
    )
    amount = MoneyField(label=gettext_lazy("Amount in euro"), help_text=gettext_lazy("For example 1.234,50"))


class DamageForm(_LossForm):
    """One more loss."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)  # of the form: pressed twice it is one line


class DamageLineForm(_LossForm):
    """A line with what is done about it."""

    route = forms.ChoiceField(
        label=gettext_lazy("By which route?"),
        choices=[("", gettext_lazy("Not chosen yet")), *DamageRoute.choices],
        required=False,
    )
    claimed = MoneyField(label=gettext_lazy("Claimed, in euro"), required=False)
    claimed_on = date_field(label=gettext_lazy("Claimed on"), required=False)
    recovered = MoneyField(label=gettext_lazy("Came back, in euro"), required=False)
    recovered_on = date_field(label=gettext_lazy("Came back on"), required=False)
    is_finished = forms.BooleanField(label=gettext_lazy("Nothing more is expected"), required=False)
    remark = LongText(
        label=gettext_lazy("Remark"),
        max_length=1000,
        rows=2,
        required=False,
        help_text=gettext_lazy("Needed when it is not recovered: why not?"),
    )
    revision = forms.IntegerField(min_value=0, max_value=2_000_000_000, widget=forms.HiddenInput)

    def __init__(self, *args: Any, line: DamageLine, now: datetime, **kwargs: Any) -> None:
        initial = {name: getattr(line, name) or "" for name in (*WHAT, *FOLLOWED)}
        super().__init__(*args, initial={**initial, "amount": line.amount, "revision": line.revision}, **kwargs)
        self.now = now

    def clean_claimed(self) -> int:
        return self.cleaned_data["claimed"] or 0

    def clean_recovered(self) -> int:
        return self.cleaned_data["recovered"] or 0

    def clean_claimed_on(self) -> date | None:
        return self._not_to_come(self.cleaned_data["claimed_on"])

    def clean_recovered_on(self) -> date | None:
        return self._not_to_come(self.cleaned_data["recovered_on"])

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for amount, day in (("claimed", "claimed_on"), ("recovered", "recovered_on")):
            how_much, when = data.get(amount), data.get(day)
            if how_much and not when and day not in self.errors:
                self.add_error(day, _("Give the day with the amount."))
            if when and not how_much and amount not in self.errors:
                self.add_error(amount, _("Give the amount with the day."))
        if data.get("route") == DamageRoute.NONE and not data.get("remark"):
            self.add_error("remark", _("Write why it is not recovered."))
        return data

    def values(self) -> dict[str, Any]:
        """What was filled in, for the action."""
        return {name: self.cleaned_data[name] for name in (*WHAT, *FOLLOWED)}

    @property
    def came_back_more(self) -> bool:
        """Whether more came back than was claimed: it can be, but is worth a second look."""
        return bool(self.cleaned_data["recovered"] > self.cleaned_data["claimed"])

    def _not_to_come(self, day: date | None) -> date | None:
        if day and not EARLIEST <= day <= timezone.localdate(self.now):
            raise forms.ValidationError(_("Check the date: it lies too far back, or in the future."))
        return day
