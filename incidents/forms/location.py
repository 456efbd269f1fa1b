"""The administrator's forms about places. They validate; incidents.actions.locations changes."""

from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guidance.vocabulary import Channel
from incidents.models import Location
from incidents.vocabulary import LocationKind
from vpdportal.accounts.models import Department, Organisation
from vpdportal.look.forms import PlainForm, ask_in_words
from vpdportal.look.seen_form import SeenForm

MOST_AT_ONCE = 500
LONGEST = 80  # characters of a name, as the column has it
NO_DEPARTMENT = _("of no single department")


class LocationForm(SeenForm):
    """One place: a desk, a building, a vehicle."""

    class Meta:
        model = Location
        fields = ["name", "kind", "department", "channel", "is_active"]
        labels = {"kind": _("What is it?"), "channel": _("Where or how do people work there?")}
        help_texts = {
            "name": _("As colleagues call it: “Desk 3”, “Van 12”. It is on the poster and in the report."),
            "department": _("It is filled in for who reports here."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_departments(self, self.instance.organisation, self.instance.department_id)
        ask_in_words(self)

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        same = self.instance.organisation.locations.filter(name__iexact=name)
        if same.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("There is already a place with this name."))
        return name


class LocationsForm(PlainForm):
    """Many places at once, such as a fleet: a name a line, and what they have in common."""

    names = forms.CharField(
        label=_("Their names, one on each line"),
        widget=forms.Textarea(attrs={"rows": 10}),
        max_length=MOST_AT_ONCE * (LONGEST + 2),
        help_text=_("For example copied from a list of vehicles. A name that is there already is left alone."),
    )
    kind = forms.ChoiceField(label=_("What are they?"), choices=LocationKind.choices, initial=LocationKind.VEHICLE)
    department = forms.ModelChoiceField(label=_("Department"), queryset=Department.objects.none(), required=False)
    channel = forms.ChoiceField(
        label=_("Where or how do people work there?"), choices=Channel.choices, initial=Channel.PUBLIC_SPACE
    )

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisation = organisation
        _offer_departments(self, organisation)

    def clean_names(self) -> list[str]:
        """The names, each once, in the order in which they stand; empty lines are nothing."""
        lines = [" ".join(line.split()) for line in self.cleaned_data["names"].splitlines()]
        names = list(dict.fromkeys(line for line in lines if line))
        too_long = [str(number) for number, line in enumerate(lines, 1) if len(line) > LONGEST]
        if too_long:
            raise forms.ValidationError(
                gettext("A name has at most %(most)s letters. Shorten line %(lines)s.")
                % {"most": LONGEST, "lines": ", ".join(too_long[:10])}
            )
        if len(names) > MOST_AT_ONCE:
            raise forms.ValidationError(gettext("Add at most %(most)s places at once.") % {"most": MOST_AT_ONCE})
        return names

    def like(self) -> Location:
        """What the places have in common, as a place without a name."""
        data = self.cleaned_data
        return Location(
            organisation=self.organisation,
            department=data["department"],
            kind=data["kind"],
            channel=data["channel"],
        )


def _offer_departments(form: forms.BaseForm, organisation: Organisation, also: UUID | None = None) -> None:
    """Those in use, and the one that the place has already."""
    field: Any = form.fields["department"]
    field.queryset = organisation.departments.filter(Q(is_active=True) | Q(pk=also))
    field.empty_label = NO_DEPARTMENT
