"""The adviser's small forms. They validate; incidents.actions changes."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guidance.vocabulary import Severity
from incidents.actions.case import assessment_mark
from incidents.forms.fields import EARLIEST, date_field, local_moment, time_field
from incidents.models import Incident
from vpdportal.accounts.models import User
from vpdportal.look.forms import PlainForm

FURTHEST_AWAY = timedelta(days=5 * 366)


class ReasonForm(PlainForm):
    reason = forms.CharField(label=_("Why not?"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class RemarkForm(PlainForm):
    remark = forms.CharField(
        label=_("Anything others should know?"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Do not write what was said in a talk: only what is needed to go on."),
    )


class NoteForm(PlainForm):
    text = forms.CharField(
        label=_("Internal note"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Only VPD advisers of this organisation read it."),
    )


class OutcomeForm(PlainForm):
    outcome = forms.CharField(
        label=_("What was done?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The reporter reads this. Write it so that someone who was hit can do something with it."),
    )


class AssessmentForm(PlainForm):
    """The judgement of a person on a report: is it aggression, and how severe (handbook 3.4 [S48], 11.1)."""

    nature = forms.ChoiceField(
        label=_("Is it aggression, or criticism?"),
        choices=[
            ("aggression", _("Aggression")),
            ("criticism", _("Criticism or persistent complaining, without aggression")),
        ],
        widget=forms.RadioSelect,
        help_text=_("What someone complains about is never aggression by itself. How it was said can be."),
    )
    severity = forms.TypedChoiceField(
        label=_("Severity"),
        choices=Severity.choices,
        coerce=lambda value: Severity(int(value)),
        widget=forms.RadioSelect,
    )
    severity_reason = forms.CharField(
        label=_("Reason"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Needed when you choose something else than was proposed."),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, incident: Incident, **kwargs: Any) -> None:
        judged = incident.severity_confirmed_at is not None
        nature = "criticism" if incident.facts.criticism_only else "aggression" if judged else None
        initial = {"nature": nature, "severity": incident.severity, "seen": assessment_mark(incident)}
        super().__init__(*args, initial=initial, **kwargs)


class DecisionForm(PlainForm):
    """One decision on an advice: choose, choose another way, put off, or leave out."""

    choice = forms.ChoiceField(choices=[(code, code) for code in ("take", "adapt", "hold", "decline")])
    reason = forms.CharField(
        label=_("Why, or what do you do in another way?"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    day = date_field(label=_("Another day"), required=False)
    seen: forms.Field = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        choice = data.get("choice")
        if (
            choice in {"adapt", "hold", "decline"}
            and not data.get("reason", "").strip()
            and "reason" not in self.errors
        ):
            self.add_error("reason", _("Give a reason, so that others can follow the decision later."))
        if choice == "hold" and not data.get("day") and "day" not in self.errors:
            self.add_error("day", _("Choose the day on which you look at it again."))
        return data


class SeveralForm(DecisionForm):
    """The same decision on several advices at once. `seen` holds the mark of each, after its key."""

    seen = forms.Field(required=False, widget=forms.MultipleHiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "several-%s")
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _("Not needed when you choose them as they are.")
        self.fields["day"].help_text = _("Only needed to put them off.")

    def clean_seen(self) -> dict[str, str]:
        return {key: mark for key, _space, mark in (one.partition(" ") for one in self.cleaned_data["seen"] or ())}


class HandOverForm(PlainForm):
    """`seen`: whose the task was on the screen. A form that comes back carries whose it is now."""

    to = forms.ModelChoiceField(label=_("To whom?"), queryset=User.objects.none())
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = people  # type: ignore[attr-defined]


class AbsenceForm(PlainForm):
    """From a day until the morning of another; in whole days, because that is how people are away."""

    first_day = date_field(label=_("First day away"))
    back_on = date_field(label=_("First day back"))

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for name in ("first_day", "back_on"):
            day = data.get(name)
            if day and not EARLIEST <= day <= timezone.localdate(self.now) + FURTHEST_AWAY:
                self.add_error(name, _("Check the date: it lies too far back, or too far ahead."))
        if data.get("first_day") and data.get("back_on") and not self.errors:
            midnight = time_field().clean("00:00")
            data["starts_at"] = local_moment(data["first_day"], midnight)
            data["ends_at"] = local_moment(data["back_on"], midnight)
            if data["ends_at"] <= data["starts_at"]:
                self.add_error("back_on", _("The first day back comes after the first day away."))
            elif data["ends_at"] <= self.now:
                self.add_error("back_on", _("This time has already passed."))
        return data
