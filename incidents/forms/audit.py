"""What the audit log can be narrowed to, taking it out, and signing a sample. They validate; nothing here changes."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.actions.log_export import LogFile
from incidents.forms.fields import date_field
from incidents.references import normalise
from incidents.vocabulary.audit import Act
from vpdportal.look.forms import PlainForm

ALL = ("", _("All"))
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)
NOT_IN_LIST = _("Choose one of the list.")
NO_DATE = _("This is no date of the calendar. Write a day, month and year of four digits.")


class LogFilterForm(PlainForm):
    """Who, what kind of act, which case and which days; none of them needed."""

    person = forms.ChoiceField(label=_("Person"), required=False, error_messages={"invalid_choice": NOT_IN_LIST})
    act = forms.ChoiceField(
        label=_("What"),
        choices=[ALL, *Act.choices],
        required=False,
        error_messages={"invalid_choice": NOT_IN_LIST},
    )
    number = forms.CharField(label=_("Number of a report"), max_length=20, required=False)
    first = date_field(label=_("From"), required=False, error_messages={"invalid": NO_DATE})
    last = date_field(label=_("Until and including"), required=False, error_messages={"invalid": NO_DATE})

    def __init__(self, *args: Any, people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = [ALL, *people]  # type: ignore[attr-defined]

    def clean_number(self) -> str:
        return normalise(self.cleaned_data["number"]) if self.cleaned_data["number"] else ""

    def clean_first(self) -> date | None:
        return _within_reason(self.cleaned_data["first"])

    def clean_last(self) -> date | None:
        return _within_reason(self.cleaned_data["last"])

    @property
    def used(self) -> list[str]:
        """The names of the filters that narrow, without what was filled in."""
        return [name for name in self.fields if self.cleaned_data.get(name)]


class LogExportForm(PlainForm):
    file = forms.ChoiceField(label=_("Kind of file"), choices=LogFile.choices, initial=LogFile.ODS)


class ReviewForm(PlainForm):
    remark = forms.CharField(
        label=_("What you found"),
        help_text=_("For example: nothing strange, or whom you asked for an explanation."),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


def _within_reason(day: date | None) -> date | None:
    if day is not None and not FIRST_DAY <= day <= LAST_DAY:
        raise forms.ValidationError(NO_DATE)
    return day
