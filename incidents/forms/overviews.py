"""How numbers are told in an organisation. Our own proposal fills it in; no norm gives these numbers [OWN]."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.actions.overview_plans import CHOICES, weakened
from incidents.models import OverviewPlan
from vpdportal.look.forms import ask_in_words
from vpdportal.look.seen_form import SeenForm

PEOPLE_100 = _("Choose from 100 to 1 000 000 people.")
PEOPLE_10 = _("Choose from 10 to 500 people.")
A_YEAR = _("Choose a year from 2000 to 2100.")
PER_CENT = _("Choose from 1 to 100.")
MONTHS = _("Choose from 1 to 60 months.")


class OverviewPlanForm(SeenForm):
    """`agreed`: needed where people become protected less."""

    agreed = forms.BooleanField(
        label=_("This is agreed with the data protection officer"),
        required=False,
        help_text=_("Needed when one of these three numbers becomes lower: figures then say more about fewer people."),
    )

    class Meta:
        model = OverviewPlan
        fields = CHOICES
        help_texts = {
            "exact_from_staff": _("In a smaller organisation totals are rounded too. At least 100."),
            "smallest_team": _("A smaller one counts with the department that it is part of. At least 10."),
            "shares_benchmark": _(
                "Only totals, only with organisations that chose this too, and only when at least five take part. "
                "It begins, and ends, on 1 January after you choose it."
            ),
            "survey_percent": _("Beside it the overview shows the national figures that compare with it."),
            "export_months": _("From 1 to 60 months."),
        }
        error_messages = {
            name: {"min_value": text, "max_value": text}
            for name, text in {
                "exact_from_staff": PEOPLE_100,
                "smallest_team": PEOPLE_10,
                "survey_year": A_YEAR,
                "survey_percent": PER_CENT,
                "export_months": MONTHS,
            }.items()
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_in_words(self)
        self._kept = OverviewPlan(**{name: getattr(self.instance, name) for name in CHOICES})

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for name, other in (("survey_year", "survey_percent"), ("survey_percent", "survey_year")):
            if name not in self.errors and data.get(name) is None and data.get(other) is not None:
                self.add_error(name, _("Fill in both the year and the per cent, or leave both empty."))
        chosen = OverviewPlan(**{name: data[name] for name in CHOICES if data.get(name) is not None})
        for name in CHOICES:
            if data.get(name) is None:  # wrong or left empty: judged elsewhere
                setattr(chosen, name, getattr(self._kept, name))
        if weakened(self._kept, chosen) and not data.get("agreed"):
            self.add_error(
                "agreed",
                _("A number becomes lower. Agree on it with the data protection officer, and tick this."),
            )
        return data
