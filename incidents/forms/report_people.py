"""Step 3: who was hit, and by whom. All of it may follow later."""

from functools import cached_property
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from guidance.vocabulary import Motive, Relation, TargetGroup
from incidents.forms.fields import LongText, YesNoUnknown
from incidents.forms.report_happened import choose_department
from incidents.forms.steps import StepForm, When
from incidents.vocabulary import ReporterIs
from vpdportal.accounts.access import memberships_at
from vpdportal.accounts.models import Department, User

NAMED = (ReporterIs.COLLEAGUE, ReporterIs.MANAGER, ReporterIs.COUNTER)  # the person hit has to be named
PERPETRATOR_FLAGS = {
    "known": _("Do you or your organisation know who it was?"),
    "group": _("Was it a group?"),
    "minor": _("Was the person a minor (under 18)?"),
    "benefit_client": _("Does the person receive a benefit from your organisation?"),
    "knows_victims_name": _("Does the person know your name?"),
    "visits_premises": _("Does the person come to your buildings or sites?"),
}
FLAGS = {
    "next_contact_planned": _("Is there another appointment or contact with this person?"),
    "contact_would_continue": _("Would you have to go on dealing with this person?"),
    "public_meeting_announced": _("Is there a public meeting soon where this person may come?"),
}
COUNTS = ("witnesses", "visitor_witnesses")
FOLDED = (
    *("motive", *FLAGS),
    *(f"perpetrator_{name}" for name in PERPETRATOR_FLAGS if name != "known"),
)
DETAILS = ("witness_names",)
AFFECTED_EMAIL = "affected_email"


class PeopleForm(StepForm):
    slug = "wie"
    conditions = {
        "affected_name": (When("reporter_is", tuple(value for value in ReporterIs if value != ReporterIs.SELF)),),
        "affected_email": (When("reporter_is", tuple(value for value in ReporterIs if value != ReporterIs.SELF)),),
        "perpetrator_benefit_client": (When("perpetrator_known", ("yes",)),),
    }

    reporter_is = forms.ChoiceField(
        label=_("Whom did it happen to?"),
        choices=ReporterIs.choices,
        initial=ReporterIs.SELF,
        widget=forms.RadioSelect,
    )
    affected_name = forms.CharField(label=_("The name of the person it happened to"), max_length=120, required=False)
    affected_email = forms.EmailField(
        label=_("Their work e-mail address"),
        required=False,
        help_text=_("Then they can follow this report themselves, and add to it. You keep a receipt."),
    )
    target_group = forms.ChoiceField(label=_("What is the work of the person hit?"), choices=TargetGroup.choices)
    department = forms.ModelChoiceField(label=_("Which department?"), queryset=Department.objects.none())
    perpetrator_known = YesNoUnknown(label=PERPETRATOR_FLAGS["known"])
    perpetrator_description = LongText(
        label=_("Who was it, or what did the person look like?"),
        max_length=1000,
        rows=3,
        required=False,
        help_text=_("A name or case number if you know it; else clothes, hair, tattoos, car. No BSN, please."),
    )
    relation = forms.ChoiceField(
        label=_("What is the person to your organisation?"),
        choices=[("", _("I do not know")), *[c for c in Relation.choices if c[0] != Relation.UNKNOWN]],
        required=False,
    )
    motive = forms.ChoiceField(
        label=_("Why, do you think?"),
        choices=[("", _("I do not know")), *[c for c in Motive.choices if c[0] != Motive.UNKNOWN]],
        required=False,
    )
    perpetrator_knows_victims_name = YesNoUnknown(label=PERPETRATOR_FLAGS["knows_victims_name"])
    perpetrator_visits_premises = YesNoUnknown(label=PERPETRATOR_FLAGS["visits_premises"])
    perpetrator_group = YesNoUnknown(label=PERPETRATOR_FLAGS["group"])
    perpetrator_minor = YesNoUnknown(label=PERPETRATOR_FLAGS["minor"])
    perpetrator_benefit_client = YesNoUnknown(label=PERPETRATOR_FLAGS["benefit_client"])
    next_contact_planned = YesNoUnknown(label=FLAGS["next_contact_planned"])
    contact_would_continue = YesNoUnknown(label=FLAGS["contact_would_continue"])
    public_meeting_announced = YesNoUnknown(label=FLAGS["public_meeting_announced"])
    witnesses = forms.IntegerField(label=_("How many colleagues saw it?"), min_value=0, max_value=500, required=False)
    visitor_witnesses = forms.IntegerField(
        label=_("How many others saw it, such as visitors?"), min_value=0, max_value=500, required=False
    )
    witness_names = forms.CharField(
        label=_("Who saw it?"),
        max_length=300,
        required=False,
        help_text=_("Names of colleagues. They are asked only when you or the VPD adviser want that."),
    )

    def prepare(self) -> None:
        choose_department(self)
        if not self.fields["department"].initial:
            del self.fields["department"]  # asked in the step before
        self.fields["target_group"].initial = self.desk.usual_target_group or TargetGroup.EMPLOYEE
        if not self.desk.is_manager:
            choices = [choice for choice in ReporterIs.choices if choice[0] != ReporterIs.MANAGER]
            self.fields["reporter_is"].choices = choices  # type: ignore[attr-defined]
        for name in (*FOLDED, "perpetrator_known", "relation", "affected_name"):
            self.fields[name].is_unmarked = True  # type: ignore[attr-defined]

    @property
    def is_unfolded(self) -> bool:
        return self.has_told(FOLDED)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("reporter_is") in NAMED and not data.get("affected_name") and "affected_name" not in self.errors:
            self.add_error("affected_name", _("Write the name of the person it happened to."))
        return data

    @cached_property
    def affected(self) -> User | None:
        """The colleague whose address was given, when that is a member of the organisation now. Never says whether."""
        email = self.cleaned_data.get("affected_email")
        if self.cleaned_data["reporter_is"] == ReporterIs.SELF or not email:
            return None
        here = memberships_at(self.desk.now).filter(organisation=self.desk.organisation)
        members = User.objects.filter(email=email.lower(), pk__in=here.values("user"))
        return members.exclude(pk=self.desk.user.pk).first()

    def details(self) -> dict[str, str]:
        """What is told beside the facts. An address without an account stays, for the adviser to link later."""
        is_linked = self.affected is not None
        return self.texts(DETAILS if is_linked else (AFFECTED_EMAIL, *DETAILS))

    def facts(self) -> dict[str, Any]:
        """The facts of the menu in this step, nested as Facts.from_dict takes them; what was left open is left out."""
        data = self.cleaned_data
        perpetrator = {name: data.get(f"perpetrator_{name}") for name in PERPETRATOR_FLAGS}
        perpetrator["relation"] = data["relation"] or None
        return {
            "target_group": data["target_group"],
            "reported_for_other": data["reporter_is"] != ReporterIs.SELF,
            "motive": data["motive"] or None,
            **{name: data[name] for name in (*FLAGS, *COUNTS)},
            "perpetrator": {name: value for name, value in perpetrator.items() if value is not None},
        }
