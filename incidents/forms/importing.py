"""Forms of bringing in an earlier registration. They validate; incidents.actions.importing changes."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.actions.importing.refusals import TOO_MANY_BYTES, ColumnTwice, SheetRefused
from incidents.actions.importing.sheets import MOST_BYTES
from incidents.vocabulary import ImportField
from vpdportal.accounts.models import Department, Organisation
from vpdportal.look.forms import PlainForm

ACCEPTED = ".xlsx,.ods,.csv,.txt"
NEEDED = (ImportField.OCCURRED_ON, ImportField.BEHAVIOUR)
SHOWN = 60  # signs of a heading


class SheetForm(PlainForm):
    """A file with rows. The organisation is asked where this person may bring in for several."""

    organisation = forms.ChoiceField(label=_("Organisation"))
    sheet = forms.FileField(
        label=_("Spreadsheet (.xlsx, .ods or .csv)"),
        help_text=_("At most 20,000 rows and 10 MB. The first row holds the headings."),
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
        error_messages={"empty": _("This file is empty. Choose it again, or choose another one.")},
    )

    def __init__(self, *args: Any, organisations: Sequence[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._organisations = {str(one.pk): one for one in organisations}
        self.fields["organisation"].choices = [(key, one.name) for key, one in self._organisations.items()]  # type: ignore[attr-defined]
        if len(organisations) == 1:
            del self.fields["organisation"]

    def chosen(self) -> Organisation:
        """Only of a form that is right."""
        only = next(iter(self._organisations))
        return self._organisations[self.cleaned_data.get("organisation", only)]

    def content(self) -> bytes:
        """What is in the file. Raises SheetRefused before it is read."""
        upload = self.cleaned_data["sheet"]
        if upload.size > MOST_BYTES:
            raise SheetRefused(TOO_MANY_BYTES)
        content: bytes = upload.read()
        return content


class ColumnsForm(PlainForm):
    """Which column is what. `columns`: the headings of the sheet."""

    other = forms.ChoiceField(
        label=_("Department of rows without a known one"),
        required=False,
        help_text=_("Choose none to leave these rows out."),
    )
    takes_unknown_words = forms.BooleanField(
        label=_("Bring in words that the portal does not know as “something else”"),
        required=False,
        help_text=_("The word itself is kept as a note of the case."),
    )

    def __init__(
        self,
        *args: Any,
        columns: Sequence[str],
        departments: Iterable[Department],
        mapping: dict[str, int],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._departments = {str(one.pk): one for one in departments}
        own = self.fields["other"]
        own.choices = [("", _("None")), *((key, one.name) for key, one in self._departments.items())]  # type: ignore[attr-defined]
        choices = [("", _("Not in this sheet")), *((str(n), _shown(n, title)) for n, title in enumerate(columns))]
        fields = {}
        for one in ImportField:
            field = forms.ChoiceField(
                label=one.label, choices=choices, required=one in NEEDED, initial=str(mapping.get(one.value, ""))
            )
            field.error_messages["required"] = _("Choose the column in which this stands.")
            fields[one.value] = field
        self.fields = {**fields, "other": own, "takes_unknown_words": self.fields["takes_unknown_words"]}

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        chosen: dict[str, ImportField] = {}
        for one in ImportField:
            column = data.get(one.value)
            if column and column in chosen:
                self.add_error(one.value, ColumnTwice.message)
            elif column:
                chosen[column] = one
        return data

    def mapping(self) -> dict[str, int]:
        """Only of a form that is right."""
        return {one.value: int(self.cleaned_data[one.value]) for one in ImportField if self.cleaned_data[one.value]}

    def other_department(self) -> Department | None:
        return self._departments.get(self.cleaned_data["other"])


def _shown(number: int, title: str) -> str:
    """As a spreadsheet names a column: "C: Datum"."""
    letters, rest = "", number + 1
    while rest:
        rest, left = divmod(rest - 1, 26)
        letters = chr(ord("A") + left) + letters
    return f"{letters}: {title[:SHOWN]}" if title else letters
