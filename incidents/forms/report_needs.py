"""Step 4: what it did to you, and what you need. All of it may follow later."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.forms.fields import YesNoUnknown
from incidents.forms.steps import StepForm, When
from incidents.vocabulary import ActionTaken, FeedbackWish

FLAGS = {
    "injury": _("Is anyone injured?"),
    "hospital_admission": _("Was anyone admitted to hospital?"),
    "complaints": _("Has it given you trouble since, such as poor sleep or fear?"),
    "damage": _("Was anything damaged?"),
    "home_involved": _("Was a home, home address or private car part of it?"),
    "family_involved": _("Was family part of it?"),
    "worked_alone": _("Were you working alone?"),
}
DETAILS = ("damage_what",)


class NeedsForm(StepForm):
    slug = "nodig"
    conditions = {
        "hospital_admission": (When("injury", ("yes",)),),
        "sick_leave_days": (When("injury", ("yes",)), When("complaints", ("yes",))),
        "damage_what": (When("damage", ("yes",)),),
    }

    wants_support = forms.TypedChoiceField(
        label=_("Would you like to talk with someone?"),
        choices=[("yes", _("Yes, please")), ("no", _("Not now"))],
        coerce=lambda value: value == "yes",
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
        help_text=_("You can always change this later."),
    )
    feedback_wish = forms.ChoiceField(
        label=_("How do you want to hear what was done?"),
        choices=FeedbackWish.choices,
        initial=FeedbackWish.PORTAL,
        widget=forms.RadioSelect,
    )
    contact = forms.CharField(
        label=_("How can we reach you?"),
        max_length=120,
        required=False,
        help_text=_("For example a telephone number and a good time."),
    )
    safety_feeling = forms.TypedChoiceField(
        label=_("How safe do you feel now?"),
        choices=[
            ("", _("I would rather not say")),
            (1, _("1: not safe at all")),
            (2, "2"),
            (3, "3"),
            (4, "4"),
            (5, _("5: quite safe")),
        ],
        coerce=int,
        empty_value=None,
        required=False,
    )
    injury = YesNoUnknown(label=FLAGS["injury"])
    hospital_admission = YesNoUnknown(label=FLAGS["hospital_admission"])
    complaints = YesNoUnknown(label=FLAGS["complaints"])
    sick_leave_days = forms.IntegerField(
        label=_("How many days of sick leave so far?"), min_value=0, max_value=3650, required=False
    )
    damage = YesNoUnknown(label=FLAGS["damage"])
    damage_what = forms.CharField(
        label=_("What was damaged, and about how much is it worth?"), max_length=300, required=False
    )
    home_involved = YesNoUnknown(label=FLAGS["home_involved"])
    family_involved = YesNoUnknown(label=FLAGS["family_involved"])
    worked_alone = YesNoUnknown(label=FLAGS["worked_alone"])
    actions_taken = forms.MultipleChoiceField(
        label=_("What was done at once?"),
        choices=ActionTaken.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def prepare(self) -> None:
        for name in (*FLAGS, "wants_support", "safety_feeling"):
            self.fields[name].is_unmarked = True  # type: ignore[attr-defined]

    def facts(self) -> dict[str, Any]:
        """The facts of the menu in this step; what was left open is left out."""
        return {name: self.cleaned_data[name] for name in (*FLAGS, "sick_leave_days")}

    def details(self) -> dict[str, str]:
        """What is told beside the facts; the actions taken as their codes."""
        return self.texts(DETAILS) | {"actions_taken": ",".join(self.cleaned_data.get("actions_taken") or [])}
