"""The filters, the search and the export of the list of cases. They validate; nothing here changes."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from guidance.vocabulary import Behaviour, Channel, Motive, Severity, TargetGroup
from incidents.actions.case_export import ExportPurpose, FileKind
from incidents.forms.fields import EARLIEST, date_field
from incidents.overview.case_list import NOBODY
from incidents.references import normalise
from incidents.vocabulary import CaseStatus, ReportKind
from vpdportal.accounts.models import Department, Organisation, User
from vpdportal.look.forms import PlainForm

ALL = ("", _("All"))
YES_NO = [ALL, ("yes", _("Yes")), ("no", _("No"))]
NOT_IN_LIST = _("Choose one of the list.")
LATEST = date(2100, 12, 31)
FIRST = ("number", "status", "severity", "organisation", "department")  # always in sight; the rest unfolds
PERIODS = (("reported_from", "reported_to"), ("happened_from", "happened_to"))


def _choice(label: Any, choices: Iterable[Any] = (), **options: Any) -> forms.TypedChoiceField:
    """One of a short list, or all."""
    field = forms.TypedChoiceField(
        label=label, choices=[ALL, *choices], required=False, empty_value=None, **{"coerce": str, **options}
    )
    field.error_messages["invalid_choice"] = NOT_IN_LIST
    return field


def _yes_no(label: Any) -> forms.TypedChoiceField:
    return _choice(label, YES_NO[1:], coerce={"yes": True, "no": False}.get)


def _day(label: Any) -> forms.DateField:
    field = date_field(label=label, required=False)
    field.error_messages["invalid"] = _("This is no date of the calendar. Write a day, month and year of four digits.")
    return field


class CaseFilterForm(PlainForm):
    """Every fact of a case that stands in a plain column, none of them needed."""

    number = forms.CharField(label=_("Number"), max_length=20, required=False)
    status = _choice(_("Status"), CaseStatus.choices)
    severity = _choice(_("Severity"), Severity.choices, coerce=int)
    organisation = _choice(_("Organisation"))
    department = _choice(_("Department"))
    confirmed = _yes_no(_("Severity confirmed"))
    behaviour = _choice(_("Behaviour"), Behaviour.choices)
    channel = _choice(_("Channel or place"), Channel.choices)
    target_group = _choice(_("Target group"), TargetGroup.choices)
    motive = _choice(_("Motive"), Motive.choices)
    perpetrator = _choice(_("Perpetrator known"), [("yes", _("Yes")), ("no", _("No")), ("unknown", _("Not filled in"))])
    kind = _choice(_("Kind"), ReportKind.choices)
    adviser = _choice(_("Handling adviser"))
    support = _yes_no(_("Wants support"))
    tasks = _yes_no(_("With open tasks"))
    measure = _yes_no(_("With a running measure"))
    quiet = _yes_no(_("Gone quiet"))
    reported_from = _day(_("Reported from"))
    reported_to = _day(_("Reported up to and including"))
    happened_from = _day(_("Happened from"))
    happened_to = _day(_("Happened up to and including"))

    def __init__(
        self,
        *args: Any,
        organisations: Iterable[Organisation],
        departments: Iterable[Department],
        advisers: Iterable[User],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        by_slug = {one.slug: one for one in organisations}
        names = {one.pk: one.name for one in by_slug.values()}
        self._offer("organisation", [(slug, one.name) for slug, one in by_slug.items()])
        self.fields["organisation"].coerce = lambda slug: by_slug[slug].pk  # type: ignore[attr-defined]
        is_of_another = self.data.get("organisation", "") not in {"", *by_slug}  # a list that was kept, for example
        one_only = len(by_slug) == 1 and not is_of_another
        if one_only:
            del self.fields["organisation"]
        self._offer(
            "department",
            [(one.pk, one.name if one_only else f"{one.name} ({names[one.organisation_id]})") for one in departments],
        )
        self._offer("adviser", [(NOBODY, _("Nobody")), *((one.pk, one.name) for one in advisers)])

    def _offer(self, name: str, choices: list[Any]) -> None:
        self.fields[name].choices = [ALL, *choices]  # type: ignore[attr-defined]

    @property
    def first(self) -> list[BoundField]:
        return [self[name] for name in FIRST if name in self.fields]

    @property
    def more(self) -> list[BoundField]:
        return [self[name] for name in self.fields if name not in FIRST]

    @property
    def has_more(self) -> bool:
        """Whether something is filled in, or wrong, among what is folded."""
        return any(self.data.get(field.name) for field in self.more)

    @property
    def is_narrowing(self) -> bool:
        return any(self.data.get(name) for name in self.fields)

    def clean_number(self) -> str:
        typed = self.cleaned_data["number"]
        number = normalise(typed)
        if typed and not number:
            raise forms.ValidationError(_("A number has letters, digits and dashes, such as VW-7K3QD-2."))
        return number

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for first, last in PERIODS:
            for name in (first, last):
                if data.get(name) and not EARLIEST <= data[name] <= LATEST:
                    self.add_error(name, _("Choose a day from the year 2000 up to and including 2100."))
            if data.get(first) and data.get(last) and data[first] > data[last]:
                self.add_error(last, _("The last day comes before the first. Turn them round, or leave one open."))
        return data


class SearchForm(PlainForm):
    """What is looked for. Comes by POST and is kept nowhere: it may be the name of someone."""

    search = forms.CharField(label=_("Search"), max_length=120, strip=True)

    def clean_search(self) -> str:
        typed = " ".join(self.cleaned_data["search"].split())
        if len(typed) < 2:
            raise forms.ValidationError(_("Type at least two letters or digits."))
        return typed


class ExportForm(PlainForm):
    """For what a list is taken out of the portal, and as which file."""

    purpose = forms.ChoiceField(label=_("What is it for?"), choices=[("", _("Choose")), *ExportPurpose.choices])
    file = forms.ChoiceField(label=_("As which file?"), choices=FileKind.choices, initial=FileKind.XLSX)
