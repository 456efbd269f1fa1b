"""The last step: who may see the report, beside its summary."""

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.forms.steps import StepForm
from incidents.forms.visibility import kept_out_fields, kept_out_people
from vpdportal.accounts.models import User

CHECK = "controle"


class SeenForm(StepForm):
    slug = CHECK

    may_manager_see = forms.TypedChoiceField(
        label=_("May your manager see that you reported this?"),
        choices=[("yes", _("Yes")), ("no", _("No, only the VPD adviser"))],
        coerce=lambda value: value == "yes",
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
        help_text=_("Your manager then sees what kind of incident it was and your name, not your story."),
    )

    def prepare(self) -> None:
        self.fields["may_manager_see"].is_unmarked = True  # type: ignore[attr-defined]
        department = self.desk.chosen_department or self.desk.own_department
        self.fields |= kept_out_fields(
            organisation=self.desk.organisation,
            department=department,
            now=self.desk.now,
            without=[self.desk.user.pk],
        )

    def people(self) -> list[User]:
        """Who is to be kept out."""
        return kept_out_people(self.cleaned_data)
