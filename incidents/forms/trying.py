"""The form of "What if": every fact of the menu and the two moments, without an incident. It keeps nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guidance.deadlines import Moments
from guidance.facts import FACTS, REQUIRED, FactDescription, Facts
from incidents.forms.fields import EARLIEST, YesNoUnknown, date_field, local_moment, time_field
from vpdportal.look.forms import PlainForm, ask_in_words

PUBLISHED, DRAFT = "published", "draft"
CARDS = ((PUBLISHED, _("The published card")), (DRAFT, _("The draft")))
MOST = 10_000  # of anything that is counted
AHEAD = timedelta(days=366)  # trying may look forward, for example to a holiday
MOMENTS = ("happened_day", "happened_hour", "reported_day", "reported_hour")
FIRST = ("channel", "target_group", "severity", "perpetrator.known", "offence_suspected")
# What may stay unknown, folded, by subject.
SUBJECTS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (
        _("The perpetrator"),
        (
            "perpetrator.relation",
            "perpetrator.earlier_incidents_12m",
            "perpetrator.warned_for_same_conduct",
            "perpetrator.breached_measure",
            "perpetrator.group",
            "perpetrator.minor",
            "perpetrator.benefit_client",
            "perpetrator.knows_victims_name",
            "perpetrator.visits_premises",
        ),
    ),
    (
        _("Harm"),
        ("injury", "hospital_admission", "lasting_injury", "death", "complaints", "sick_leave_days", "damage"),
    ),
    (_("Danger"), ("weapon", "ongoing_threat", "threat_to_life", "home_involved", "family_involved")),
    (
        _("Place and contact"),
        (
            "worked_alone",
            "witnesses",
            "visitor_witnesses",
            "next_contact_planned",
            "contact_would_continue",
            "public_meeting_announced",
        ),
    ),
    (_("Team and report"), ("reported_for_other", "days_until_report", "reports_in_team_90d")),
    (_("Judgement"), ("motive", "safe_to_meet", "police_ask_to_wait", "criminal_context", "criticism_only")),
)


@dataclass(frozen=True)
class Subject:
    """A folded group of the form. `filled` is how many of its facts were given."""

    title: Any
    fields: list[BoundField]
    filled: int
    is_open: bool


class TryForm(PlainForm):
    """All facts, the two moments, and (for who works on it) whether the draft is asked instead."""

    happened_day = date_field(label=_("Happened on"))
    happened_hour = time_field(label=_("Happened at"))
    reported_day = date_field(label=_("Reported on"))
    reported_hour = time_field(label=_("Reported at"))

    def __init__(self, *args: Any, now: datetime, has_draft: bool, **kwargs: Any) -> None:
        super().__init__(*args, initial=_first_values(now), **kwargs)
        self.now = now
        for name in FACTS:
            self.fields[name] = _field_for(FACTS[name], is_required=name in REQUIRED)
        self.fields["days_until_report"].help_text = _("When this is empty it is counted from the two moments.")
        if has_draft:
            self.fields["card"] = forms.ChoiceField(
                label=_("Which card answers?"), choices=CARDS, widget=forms.RadioSelect, required=False
            )
            self.initial["card"] = PUBLISHED
        ask_in_words(self)

    def clean_happened_day(self) -> date:
        return self._day("happened_day")

    def clean_reported_day(self) -> date:
        return self._day("reported_day")

    def _day(self, name: str) -> date:
        day: date = self.cleaned_data[name]
        if not EARLIEST <= day <= timezone.localdate(self.now) + AHEAD:
            raise ValidationError(_("Check the date: it lies too far back, or too far ahead."))
        return day

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if all(data.get(name) is not None for name in MOMENTS):
            data["incident_at"] = local_moment(data["happened_day"], data["happened_hour"])
            data["reported_at"] = local_moment(data["reported_day"], data["reported_hour"])
            if data["incident_at"] > data["reported_at"]:
                self.add_error(
                    "happened_day", _("It cannot have happened after it was reported. Change one of the two.")
                )
        return data

    def facts(self) -> Facts:
        """The facts that were given; what was left open stays unknown."""
        given = {name: self.cleaned_data[name] for name in FACTS if self.cleaned_data.get(name) not in (None, "", [])}
        given["behaviours"] = tuple(dict.fromkeys(given["behaviours"]))
        facts = Facts(**{FACTS[name].attribute: FACTS[name].check(value) for name, value in given.items()})
        if facts.days_until_report is None:
            moments = self.moments()
            facts = replace(facts, days_until_report=(moments.reported_at - moments.incident_at).days)
        return facts

    def moments(self) -> Moments:
        return Moments(self.cleaned_data["incident_at"], self.cleaned_data["reported_at"])

    @property
    def asks_draft(self) -> bool:
        return self.cleaned_data.get("card") == DRAFT

    def first(self, asked: frozenset[str] = frozenset()) -> list[BoundField]:
        """What is filled in first beside the behaviours, without what is asked elsewhere on the page."""
        return [self[name] for name in FIRST if name not in asked]

    def subjects(self, asked: frozenset[str] = frozenset()) -> Iterator[Subject]:
        """The folded groups, without what is asked elsewhere on the page; open where something has to be mended."""
        for title, names in SUBJECTS:
            fields = [self[name] for name in names if name not in asked]
            filled = sum(field.value() not in (None, "", "unknown") for field in fields)
            if fields:
                yield Subject(title, fields, filled, any(field.errors for field in fields))


def _first_values(now: datetime) -> dict[str, Any]:
    """Happened and reported just now."""
    local = timezone.localtime(now)
    return {
        **{name: local.date() for name in ("happened_day", "reported_day")},
        **{name: local.time() for name in ("happened_hour", "reported_hour")},
    }


def _field_for(fact: FactDescription, *, is_required: bool) -> forms.Field:
    if fact.kind == "boolean":
        return YesNoUnknown(label=fact.question, initial="unknown")
    if fact.kind == "integer":
        return forms.IntegerField(label=fact.question, min_value=0, max_value=MOST, required=False)
    assert fact.choices is not None
    if fact.kind == "choices":
        return forms.MultipleChoiceField(
            label=fact.question, choices=fact.choices.choices, widget=forms.CheckboxSelectMultiple
        )
    open_answer = _("The card proposes it") if fact.name == "severity" else _("Not known")
    return forms.TypedChoiceField(
        label=fact.question,
        choices=[("", _("Choose") if is_required else open_answer), *fact.choices.choices],
        coerce=int if fact.name == "severity" else str,
        empty_value=None,
        required=is_required,
    )
