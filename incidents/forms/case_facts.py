"""Correcting the facts of a case: all that an adviser may set, with what is known filled in."""

from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from guidance.facts import FACTS, REQUIRED, Facts
from incidents.forms.questions import UNKNOWN, field_for
from vpdportal.look.forms import PlainForm, ask_in_words

# What the portal counts itself, and the severity, which is confirmed with a name and a reason elsewhere.
NOT_SET_HERE = ("severity", "days_until_report", "reports_in_team_90d")
GROUPS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (
        _("What decides most"),
        ("police_ask_to_wait", "safe_to_meet", "criticism_only", "offence_suspected", "perpetrator.known"),
    ),
    (
        _("What happened"),
        (
            *("behaviours", "channel", "target_group", "motive", "weapon", "ongoing_threat", "threat_to_life"),
            *("home_involved", "family_involved", "worked_alone", "witnesses", "visitor_witnesses"),
        ),
    ),
    (
        _("The perpetrator"),
        (
            *("perpetrator.relation", "perpetrator.earlier_incidents_12m", "perpetrator.warned_for_same_conduct"),
            *("perpetrator.breached_measure", "perpetrator.group", "perpetrator.minor", "perpetrator.benefit_client"),
            *("perpetrator.knows_victims_name", "perpetrator.visits_premises"),
            *("next_contact_planned", "contact_would_continue"),
        ),
    ),
    (
        _("Injury, damage and sick leave"),
        (
            *("injury", "hospital_admission", "lasting_injury", "death", "complaints"),
            *("sick_leave_days", "damage"),
        ),
    ),
    (_("What else plays a part"), ("public_meeting_announced", "criminal_context", "reported_for_other")),
)
MAIN = "main_behaviour"


class FactsEditForm(PlainForm):
    """`facts` is what is known now. Left open means not known; what a report must have cannot be left open."""

    def __init__(self, *args: Any, facts: Facts, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.facts = facts
        for _title, names in GROUPS:
            for name in names:
                self.fields[name] = _filled(name, facts)
                if name == "behaviours":
                    self.fields[MAIN] = _main_field(facts)
        ask_in_words(self)

    @property
    def groups(self) -> list[tuple[Any, list[BoundField]]]:
        """The groups with their fields, as they stand on the page."""
        found = []
        for title, names in GROUPS:
            fields = [self[name] for name in names]
            if "behaviours" in names:
                fields.insert(1, self[MAIN])
            found.append((title, fields))
        return found

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get(MAIN) and "behaviours" in data and data[MAIN] not in data["behaviours"]:
            self.add_error(MAIN, _("Choose something that you also ticked above."))
        return data

    def answers(self) -> dict[str, Any]:
        """The facts that were given another value, None for "not known"."""
        data = self.cleaned_data
        values = {name: data[name] for _title, names in GROUPS for name in names}
        values["behaviours"] = self._behaviours()
        values = {name: None if value == "" else value for name, value in values.items()}
        return {name: value for name, value in values.items() if value != self.facts.value(name)}

    def _behaviours(self) -> tuple[str, ...]:
        """The worst first, then as they stood, then what is new."""
        chosen, before = self.cleaned_data["behaviours"], self.facts.behaviours
        main = self.cleaned_data[MAIN]
        kept = [code for code in before if code in chosen]
        return tuple(dict.fromkeys([*([main] if main else []), *kept, *chosen]))


def _filled(name: str, facts: Facts) -> forms.Field:
    description, value = FACTS[name], facts.value(name)
    field = field_for(description, is_required=name in REQUIRED)
    if description.kind == "boolean":
        field.initial = {True: "yes", False: "no", None: "unknown"}[value]
    elif value is not None:
        field.initial = list(value) if isinstance(value, tuple) else value
    if value == UNKNOWN and isinstance(field, forms.ChoiceField):  # kept as it came in
        field.choices = [*field.choices, (UNKNOWN, description.choices(UNKNOWN).label)]  # type: ignore[misc]
    return field


def _main_field(facts: Facts) -> forms.Field:
    choices = FACTS["behaviours"].choices.choices  # type: ignore[union-attr]
    return forms.ChoiceField(
        label=_("What was the worst of it?"), choices=choices, initial=facts.behaviours[0], required=True
    )
