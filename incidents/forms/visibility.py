"""Asking who may see a report: people who would see it by role, a colleague by address, the manager."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.actions.exclusions import Seer, people_who_would_see
from incidents.models import Incident
from vpdportal.accounts.access import memberships_at
from vpdportal.accounts.models import Department, Organisation, User
from vpdportal.look.forms import PlainForm, ask_in_words

KEPT_OUT = "kept_out"
KEPT_OUT_EMAIL = "kept_out_email"


class KeptOutField(forms.TypedMultipleChoiceField):
    """Checkboxes of people with their role ("Jan Jansen (Manager)"). Cleans to a list of users; asks no query."""

    def __init__(self, *, people: Iterable[Seer], **options: Any) -> None:
        roles: dict[User, list[str]] = {}
        for person, role in people:
            roles.setdefault(person, []).append(str(role.label))
        by_id = {str(person.pk): person for person in roles}
        super().__init__(
            choices=[(str(person.pk), f"{person.name} ({', '.join(held)})") for person, held in roles.items()],
            coerce=by_id.get,
            required=options.pop("required", False),
            widget=forms.CheckboxSelectMultiple,
            **options,
        )


class ColleagueField(forms.EmailField):
    """The work e-mail address of someone with an account here. Cleans to the user, or None when left empty."""

    def __init__(self, *, organisation: Organisation, now: datetime, **options: Any) -> None:
        super().__init__(required=options.pop("required", False), max_length=254, **options)
        self.organisation, self.now = organisation, now

    def clean(self, value: Any) -> User | None:
        email = super().clean(value)
        if not email:
            return None
        here = memberships_at(self.now).filter(organisation=self.organisation)
        found = User.objects.filter(email=email.lower(), pk__in=here.values("user")).first()
        if found is None:
            raise forms.ValidationError(
                _("This is not the address of a colleague with an account. Check it, or leave it empty.")
            )
        return found


def kept_out_fields(
    *, organisation: Organisation, department: Department | None, now: datetime, without: Collection[UUID] = ()
) -> dict[str, forms.Field]:
    """The two fields, to put in a form. `without`: ids of who fills it in and of who is a party, never offered."""
    return {
        KEPT_OUT: KeptOutField(
            people=people_who_would_see(organisation, department, now, without),
            label=_("Who must not see this report?"),
            help_text=_("Choose whoever is part of it. Someone else then goes on with it."),
        ),
        KEPT_OUT_EMAIL: ColleagueField(
            organisation=organisation,
            now=now,
            label=_("Someone else who must not see it"),
            help_text=_("The work e-mail address of that colleague."),
        ),
    }


def kept_out_people(cleaned_data: dict[str, Any]) -> list[User]:
    """Who was chosen in the two fields, each once."""
    chosen = [*(cleaned_data.get(KEPT_OUT) or []), cleaned_data.get(KEPT_OUT_EMAIL)]
    return list(dict.fromkeys(person for person in chosen if person))


def _reason_field(*, required: bool) -> forms.CharField:
    return forms.CharField(
        label=_("Reason"),
        max_length=1000,
        required=required,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Kept as an internal note: only VPD advisers who may see this case read it."),
    )


class ReasonedForm(PlainForm):
    """A change of who sees a case. Only who is no party of it has to say why."""

    def __init__(self, *args: Any, needs_reason: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if needs_reason:
            self.fields["reason"] = _reason_field(required=True)
            ask_in_words(self)

    def reason(self) -> str:
        given: str = self.cleaned_data.get("reason", "")
        return given


class ManagerForm(ReasonedForm):
    may_manager_see = forms.TypedChoiceField(
        label=_("May the manager see that this was reported?"),
        choices=[("yes", _("Yes")), ("no", _("No, only the VPD adviser"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        help_text=_("The manager then sees what kind of incident it was and the name, not the story."),
    )


class KeepOutForm(ReasonedForm):
    """Who must not see this case. `not_offered`: the parties, who is kept out already, and who fills it in."""

    def __init__(
        self, *args: Any, incident: Incident, viewer: User, not_offered: Collection[UUID], now: datetime, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.viewer = viewer
        asked = kept_out_fields(
            organisation=incident.organisation, department=incident.department, now=now, without=not_offered
        )
        self.fields = {**asked, **self.fields}

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get(KEPT_OUT_EMAIL) == self.viewer:
            self.add_error(KEPT_OUT_EMAIL, _("This is your own address. Keeping yourself out stands further down."))
        elif not self.errors and not kept_out_people(data):
            self.add_error(KEPT_OUT, _("Choose someone, or fill in the address of a colleague below."))
        return data


class LetInForm(ReasonedForm):
    person = forms.UUIDField(widget=forms.HiddenInput)


class SelfForm(PlainForm):
    """Keeping oneself out: sure, and why if one wants to say it."""

    reason = _reason_field(required=False)
    is_sure = forms.BooleanField(label=_("I understand that this case leaves my sight, and that I cannot undo it."))
