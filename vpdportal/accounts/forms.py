"""Passwords and the administrator's forms. They validate; vpdportal.accounts.actions changes."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib.auth.forms import SetPasswordForm
from django.utils.translation import gettext_lazy as _

from vpdportal.accounts.departments import MOST_LEVELS, beneath, fault_of_place, in_tree_order
from vpdportal.accounts.models import Department, Organisation, User
from vpdportal.accounts.roles import DEPUTY_DAYS, Role
from vpdportal.look.forms import PlainForm, WeekDaysField, ask_in_words
from vpdportal.look.seen_form import SeenForm


class AskForPasswordForm(PlainForm):
    """The address of an account, also of one that has no password yet."""

    email = forms.EmailField(
        label=_("Work e-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )


class ChoosePasswordForm(SetPasswordForm):
    use_required_attribute = False
    error_messages = {"password_mismatch": _("These two are not the same. Type both again.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].label = _("New password")
        self.fields["new_password1"].help_text = _("At least 12 characters. A few words together are easy to remember.")
        self.fields["new_password2"].label = _("The same password again")
        self.fields["new_password2"].help_text = ""
        ask_in_words(self)


class OrganisationForm(SeenForm):
    class Meta:
        model = Organisation
        fields = [
            *("name", "postal_address", "internal_alarm", "emergency_instruction", "confidant", "support_contact"),
            *("data_officer", "processing_ground"),
            *("second_eyes_from", "quiet_after_days", "ends_soon_days"),
        ]
        widgets = {
            "postal_address": forms.Textarea(attrs={"rows": 3}),
            "second_eyes_from": forms.Select(choices=[(level, str(level)) for level in range(1, 5)]),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_in_words(self)


class DepartmentForm(SeenForm):
    class Meta:
        model = Department
        fields = ["name", "parent", "headcount", "is_active"]
        help_texts = {
            "parent": _("Figures of a department that is too small for figures of its own count with this one."),
            "headcount": _(
                "Without the people of departments that are part of it. Used to keep figures of small teams unreadable "
                "as persons."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._departments = list(self.instance.organisation.departments.all())
        parent = self.fields["parent"]
        parent.queryset = self.instance.organisation.departments.all()  # type: ignore[attr-defined]
        ask_in_words(self)
        parent.choices = [("", _("Nothing: it stands at the top")), *self._possible_parents()]  # type: ignore[attr-defined]

    def _possible_parents(self) -> Iterator[tuple[str, str]]:
        """In the order of the tree, with a dash for each level. What may not be chosen is left out."""
        own = {self.instance.pk, *beneath(self.instance.pk, self._departments)}
        for placed in in_tree_order(self._departments):
            department = placed.department
            if department.pk not in own and placed.level < MOST_LEVELS:
                name = "– " * len(placed.above) + department.name
                yield str(department.pk), name if department.is_active else _("%(name)s (not in use)") % {"name": name}

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if parent := data.get("parent"):
            moved = Department(pk=self.instance.pk, organisation=self.instance.organisation, parent=parent)
            if fault := fault_of_place(moved, self._departments):
                self.add_error("parent", fault)
        return data

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        same = Department.objects.filter(organisation=self.instance.organisation, name__iexact=name)
        if same.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("There is already a department with this name."))
        return name


class RoleForm(PlainForm):
    """A role for someone in the organisation, from today until a last day, if any."""

    email = forms.EmailField(label=_("Work e-mail address"), max_length=254)
    name = forms.CharField(label=_("Name"), max_length=120)
    phone = forms.CharField(label=_("Work telephone"), max_length=30, required=False)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    department = forms.ModelChoiceField(
        label=_("Department"),
        queryset=Department.objects.none(),
        required=False,
        help_text=_("Needed for an employee and for a manager."),
    )
    ends_on = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Needed for a deputy: at most 90 days from today. Empty means until further notice."),
    )

    def __init__(self, *args: Any, organisation: Organisation, today: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["department"].queryset = organisation.departments.filter(is_active=True)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        role, last = data.get("role"), data.get("ends_on")
        if role in {Role.EMPLOYEE, Role.MANAGER} and not data.get("department"):
            self.add_error("department", _("Choose the department this person belongs to."))
        if last and last < self.today:
            self.add_error("ends_on", _("The last day cannot be before today."))
        if role == Role.DEPUTY and (last is None or (last - self.today).days > DEPUTY_DAYS):
            self.add_error("ends_on", _("Give a last day, at most 90 days from today. You can extend it later."))
        return data


class WorkingDaysForm(forms.ModelForm):
    """On which days someone works; none means each day of the office."""

    use_required_attribute = False
    works_on = WeekDaysField(label=_("Works on"), required=False)

    class Meta:
        model = User
        fields = ["works_on"]


class MailChoicesForm(SeenForm):
    """What each person chooses about days and mail: of tasks and overviews only who has to do with those."""

    works_on = WeekDaysField(
        label=_("On which days do you work?"),
        required=False,
        help_text=_("Reminders that can wait come on these days. Choose none if you work on all days of the office."),
    )

    class Meta:
        model = User
        fields = ["works_on", "language", "wants_halfway_mail", "wants_news_mail", "wants_overview_mail"]
        widgets = {"language": forms.RadioSelect}
        labels = {"language": _("Language of the mails")}
        help_texts = {"wants_overview_mail": _("A link, and nothing else: no numbers.")}

    def __init__(self, *args: Any, has_tasks: bool, sees_overview: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_tasks:
            del self.fields["works_on"], self.fields["wants_halfway_mail"]
        if not sees_overview:
            del self.fields["wants_overview_mail"]
        ask_in_words(self)


class AddressForm(forms.ModelForm):
    """The address to which mail goes, and with which someone signs in."""

    use_required_attribute = False

    class Meta:
        model = User
        fields = ["email"]
        error_messages = {"email": {"unique": _("Another account has this address. Check what you typed.")}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_in_words(self)

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        return email.lower()
