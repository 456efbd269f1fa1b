"""Which rows an analyst takes out: of which organisation, over which months, and what for. It validates only."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from incidents.actions.row_export import RowPurpose, most_months
from incidents.overview.periods import Period
from incidents.vocabulary import PeriodKind
from vpdportal.accounts.models import Organisation
from vpdportal.look.forms import PlainForm

MONTH_FIRST = re.compile(r"(?P<month>0?[1-9]|1[0-2])[-/. ](?P<year>[1-9]\d{3})")


class MonthField(forms.CharField):
    """A calendar month; where the browser has no picker for it, it is typed as 2026-11 (or 11-2026)."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(attrs={"type": "month", "autocomplete": "off"})
        super().__init__(max_length=20, widget=widget, **options)

    def prepare_value(self, value: Any) -> Any:
        return value.code if isinstance(value, Period) else value

    def clean(self, value: Any) -> Any:
        """A Period of one month. Raises ValidationError."""
        typed = super().clean(value)
        if turned := MONTH_FIRST.fullmatch(typed):
            typed = f"{turned['year']}-{int(turned['month']):02}"
        try:
            month = Period.parse(typed)
        except ValueError:
            month = None
        if month is None or month.kind != PeriodKind.MONTH:
            raise forms.ValidationError(_("Write a year, a dash and a month in digits, such as 2026-11."))
        return month


class AnalysisForm(PlainForm):
    """After validation `chosen` is the organisation and `months` the months, in order."""

    organisation = forms.ChoiceField(label=_("Organisation"))
    first = MonthField(label=_("From month"), help_text=_("Reports count in the month in which they came in."))
    last = MonthField(label=_("Up to and including month"))
    purpose = forms.ChoiceField(label=_("What is it for?"), choices=[("", _("Choose")), *RowPurpose.choices])
    promise = forms.BooleanField(
        label=_("I will not try to find out who someone is, and I delete the file when my question is answered"),
    )

    def __init__(self, *args: Any, organisations: Iterable[Organisation], now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._by_slug = {one.slug: one for one in organisations}
        self._newest = Period.month_of(now).shifted(-1)
        self.fields["promise"].error_messages["required"] = _("Tick this. Without it no file leaves the portal.")
        choices = [("", _("Choose")), *((slug, one.name) for slug, one in self._by_slug.items())]
        self.fields["organisation"].choices = choices  # type: ignore[attr-defined]
        if len(self._by_slug) == 1:
            del self.fields["organisation"]
        for name in ("first", "last"):
            self.fields[name].widget.attrs["max"] = self._newest.code
        self.fields["last"].initial = self._newest
        self.fields["last"].help_text = _("The month that runs now is not there yet: the newest is %(month)s.") % {
            "month": self._newest.label
        }

    @property
    def chosen(self) -> Organisation:
        """The organisation; of who serves one, that one."""
        return self._by_slug[self.cleaned_data.get("organisation") or next(iter(self._by_slug))]

    @property
    def months(self) -> list[Period]:
        first, last = self.cleaned_data["first"], self.cleaned_data["last"]
        return [first.shifted(step) for step in range(_months_between(first, last))]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for name in ("first", "last"):
            if name in data and data[name].first_day > self._newest.first_day:
                self.add_error(name, _("This month is not over yet. Choose an earlier month."))
        if not {"first", "last"} & set(self.errors):
            self._check_length(data["first"], data["last"])
        return data

    def _check_length(self, first: Period, last: Period) -> None:
        number = _months_between(first, last)
        if number < 1:
            self.add_error("last", _("The last month comes before the first. Turn them round."))
        elif "organisation" not in self.errors and number > (most := most_months(self.chosen)):
            self.add_error(
                "last",
                ngettext(
                    "You chose %(number)s months. One file holds %(most)s month at most.",
                    "You chose %(number)s months. One file holds %(most)s months at most.",
                    most,
                )
                % {"number": number, "most": most},
            )


def _months_between(first: Period, last: Period) -> int:
    """Both counted in; below 1 where the last comes first."""
    return (last.year - first.year) * 12 + last.number - first.number + 1
