"""A report in steps, and the whole report out of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from guidance.facts import Facts
from incidents.actions.exclusions import named_in
from incidents.actions.report import NewReport
from incidents.forms import report_happened
from incidents.forms.near_miss import NearMissForm
from incidents.forms.report_happened import HappenedForm
from incidents.forms.report_needs import NeedsForm
from incidents.forms.report_people import PeopleForm
from incidents.forms.report_safety import SafetyForm
from incidents.forms.report_seen import CHECK, SeenForm
from incidents.forms.steps import Desk, StepForm, Told, as_read
from incidents.models.draft import Answers
from incidents.vocabulary import ActionTaken, FeedbackWish, ReporterIs
from vpdportal.accounts.models import Department, User

STEPS: tuple[type[StepForm], ...] = (SafetyForm, HappenedForm, PeopleForm, NeedsForm)
SLUGS = tuple(step.slug for step in STEPS)
TITLES = {
    "veilig": _("Is it safe now?"),
    "gebeurd": _("What happened?"),
    "wie": _("Who was hit, and by whom?"),
    "nodig": _("What do you need?"),
    CHECK: _("Check and send"),
}
ALL_SLUGS = (*SLUGS, CHECK)


class WholeReport:
    """All that was typed, judged together. What is not asked, or is forbidden, does not come along."""

    def __init__(self, answers: Answers, desk: Desk) -> None:
        self.desk = desk
        self.forms = {step.slug: step.judging(answers, desk) for step in STEPS}
        self.unfinished = [slug for slug, form in self.forms.items() if not form.is_valid()]
        self.seen: StepForm = SeenForm.judging(answers, desk)

    @property
    def is_valid(self) -> bool:
        return not self.unfinished and self.seen.is_valid()

    @property
    def department(self) -> Department | None:
        """Of the place where it happened when that was asked, else of the person hit."""
        found: Department | None = self.forms["gebeurd"].cleaned_data.get("department") or self.forms[
            "wie"
        ].cleaned_data.get("department")
        return found

    def told(self, slug: str) -> Told:
        return self.forms[slug].told()

    def named(self, people: list[User]) -> list[User]:
        """Those of `people` whose name is in the words of the report."""
        happened, hit = self.forms["gebeurd"].cleaned_data, self.forms["wie"].cleaned_data
        return named_in([happened.get("story") or "", hit.get("perpetrator_description") or ""], people)

    def report(self) -> NewReport:
        """What goes to the action. Only of a valid report."""
        happened, hit, needs = (self.forms[slug].cleaned_data for slug in ("gebeurd", "wie", "nodig"))
        people, wants = self.forms["wie"], self.forms["nodig"]
        assert isinstance(people, PeopleForm) and isinstance(wants, NeedsForm)
        assert self.department is not None and isinstance(self.seen, SeenForm)
        is_for_other = hit["reporter_is"] != ReporterIs.SELF
        return NewReport(
            organisation=self.desk.organisation,
            department=self.department,
            facts=self.facts(),
            occurred_at=happened["occurred_at"],
            story=happened["story"],
            reporter_is=ReporterIs(hit["reporter_is"]),
            location=self.desk.location,
            place=happened["place"],
            details=self._details(),
            affected=people.affected,
            affected_name=hit["affected_name"] if is_for_other else "",
            contact=needs["contact"] or "",
            perpetrator_description=hit["perpetrator_description"],
            may_manager_see=bool(self.seen.cleaned_data["may_manager_see"]),
            wants_support=bool(needs["wants_support"]),
            feedback_wish=FeedbackWish(needs["feedback_wish"]),
            safety_feeling=needs["safety_feeling"],
            kept_out=tuple(self.seen.people()),
        )

    def facts(self) -> Facts:
        """The facts of the menu in what was told; what was left open stays unknown."""
        safety, happened, people, needs = (self.forms[slug] for slug in SLUGS)
        assert isinstance(safety, SafetyForm) and isinstance(happened, HappenedForm)
        assert isinstance(people, PeopleForm) and isinstance(needs, NeedsForm)
        values: dict[str, Any] = {
            "behaviours": happened.behaviours_in_order,
            "channel": happened.cleaned_data["channel"],
            "weapon": happened.cleaned_data["weapon"],
            "threat_to_life": happened.cleaned_data["threat_to_life"],
            "ongoing_threat": safety.ongoing_threat,
            **people.facts(),
            **needs.facts(),
        }
        return Facts.from_dict({name: value for name, value in values.items() if value is not None})

    def _details(self) -> dict[str, str]:
        people, needs = self.forms["wie"], self.forms["nodig"]
        assert isinstance(people, PeopleForm) and isinstance(needs, NeedsForm)
        return self.forms["gebeurd"].texts(report_happened.DETAILS) | people.details() | needs.details()


def told_beside(details: Mapping[str, str]) -> Told:
    """What a report holds beside the facts, by the words of the form."""
    labels = {name: field.label for name, field in _fields().items()}
    return [(str(labels.get(name, name)), _in_words(name, text)) for name, text in details.items()]


def typed_in_words(answers: Mapping[str, Sequence[str]]) -> Told:
    """Answers as they were typed, right or wrong, in the words of the form; without keys of rows that were chosen."""
    fields = _fields()
    told = ((name, as_read(fields.get(name, forms.Field()), _without_keys(values))) for name, values in answers.items())
    return [(str(fields[name].label) if name in fields else name, text) for name, text in told if text]


def _fields() -> dict[str, forms.Field]:
    """Each question that a report may ask."""
    every: tuple[type[StepForm], ...] = (*STEPS, SeenForm, NearMissForm)
    return {name: field for form in every for name, field in form.base_fields.items()}


def _without_keys(values: Iterable[str]) -> list[str]:
    return [value for value in values if not _is_key(value)]


def _is_key(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True


def _in_words(name: str, text: str) -> str:
    if name != "actions_taken":
        return text
    words = dict(ActionTaken.choices)
    return ", ".join(str(words[code]) for code in text.split(",") if code in words)
