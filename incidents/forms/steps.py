"""What the steps of a report share: questions that depend on answers, and answers that stay as they were typed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from incidents.models import Location
from incidents.models.draft import Answers
from vpdportal.accounts.models import Department, Organisation, User
from vpdportal.look.forms import PlainForm

Told = list[tuple[str, str]]  # label and answer, as people read it


@dataclass(frozen=True)
class Desk:
    """Who writes, for which organisation, and what is known of them already."""

    user: User
    organisation: Organisation
    now: datetime
    own_department: Department | None = None
    chosen_department: Department | None = None  # in an earlier step
    location: Location | None = None
    usual_target_group: str = ""
    is_manager: bool = False


@dataclass(frozen=True)
class When:
    """A question is asked only when at least `count` of these values were given to another one."""

    name: str
    values: tuple[str, ...]
    count: int = 1

    def is_met(self, data: Any) -> bool:
        given = data.getlist(self.name)
        return sum(value in self.values for value in given) >= self.count

    def __str__(self) -> str:
        return f"{self.name}:{self.count}:{','.join(self.values)}"


class StepForm(PlainForm):
    """One step. Fields carry `when` (any of these must be met); what is not asked counts as not answered.

    Built `from_answers` it shows what was typed; with `data` it also checks it.
    """

    slug: ClassVar[str] = ""
    conditions: ClassVar[Mapping[str, tuple[When, ...]]] = {}

    def __init__(self, *args: Any, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.desk = desk
        self.prepare()
        for name, conditions in self.conditions.items():
            if name in self.fields:
                self.fields[name].when = conditions  # type: ignore[attr-defined]

    def prepare(self) -> None:
        """Fit the fields to who writes."""

    @classmethod
    def showing(cls, answers: Answers, desk: Desk) -> "StepForm":
        """The step as it was typed, without judging it."""
        form = cls(desk=desk)
        for name, field in form.fields.items():
            if name in answers:
                values = answers[name]
                is_many = getattr(field.widget, "allow_multiple_selected", False)
                form.initial[name] = values if is_many else "".join(values[:1])
        return form

    @classmethod
    def judging(cls, answers: Answers, desk: Desk) -> "StepForm":
        """The step with what was typed, and what was never shown as it would have stood there first."""
        form = cls(desk=desk)
        data: MultiValueDict[str, str] = MultiValueDict()
        for name, field in form.fields.items():
            data.setlist(name, answers[name] if name in answers else _first_values(form, name, field))
        # What is asked hangs on the desk and never on what was typed, so the same form takes it: no second one.
        form.data, form.is_bound = data, True
        return form

    def is_asked(self, name: str) -> bool:
        """Whether the answers so far ask this question: one that is asked itself was answered so."""
        conditions: tuple[When, ...] = getattr(self.fields[name], "when", ())
        if not conditions:
            return True
        return any(one.is_met(self._given) and self.is_asked(one.name) for one in conditions)

    @property
    def _given(self) -> Any:
        if self.is_bound:
            return self.data
        given: MultiValueDict[str, str] = MultiValueDict()
        for name, field in self.fields.items():
            given.setlist(name, _first_values(self, name, field))
        return given

    def has_told(self, names: Iterable[str]) -> bool:
        """Whether one of these questions has an answer, right or wrong: then it does not stand folded."""
        return any("".join(self._given.getlist(name)) for name in names)

    def full_clean(self) -> None:
        super().full_clean()
        if not self.is_bound:
            return
        for name in self.fields:
            if not self.is_asked(name):
                self.errors.pop(name, None)
                self.cleaned_data[name] = [] if isinstance(self.cleaned_data.get(name), list) else None

    def told(self) -> Told:
        """What was answered, for the summary. Only of a valid form."""
        return [
            (str(field.label), text)
            for name, field in self.fields.items()
            if self.is_asked(name) and (text := _as_text(field, self.cleaned_data.get(name), self._given.getlist(name)))
        ]

    def answered(self) -> Told:
        """What was typed, right or wrong, as people read it."""
        return [
            (str(field.label), text)
            for name, field in self.fields.items()
            if (text := as_read(field, self._given.getlist(name)))
        ]

    def written(self) -> list[str]:
        """What was typed in the person's own words."""
        names = [name for name, field in self.fields.items() if _is_own_words(field)]
        return [text for name in names for value in self._given.getlist(name) if (text := plain_lines(value))]

    def typed(self, data: Any) -> Answers:
        """The values that a page sent for the fields of this step, as they are."""
        return {name: data.getlist(name) for name in self.fields if not isinstance(self.fields[name], forms.FileField)}

    def texts(self, names: Iterable[str]) -> dict[str, str]:
        """The text answers by name, for what is kept beside the facts."""
        return {name: str(self.cleaned_data[name]) for name in names if self.cleaned_data.get(name)}


def _is_own_words(field: forms.Field) -> bool:
    return isinstance(field, forms.CharField) and not isinstance(field, forms.EmailField)


def as_read(field: forms.Field, values: list[str]) -> str:
    """Typed values in the words of the form."""
    words = {str(code): str(word) for code, word in getattr(field, "choices", ())}
    return ", ".join(words.get(value, value) for value in values if value)


def plain_lines(text: str) -> str:
    """A text without what a browser or a field changes about it: how lines end, and the space around it."""
    return "\n".join(text.strip().splitlines())


def _first_values(form: forms.BaseForm, name: str, field: forms.Field) -> list[str]:
    value = form.get_initial_for_field(field, name)
    if value in (None, ""):
        return []
    prepared = field.prepare_value(value)
    return [str(one) for one in prepared] if isinstance(prepared, list | tuple) else [str(prepared)]


def _as_text(field: forms.Field, value: Any, raw: list[str]) -> str:
    if value in (None, "", []):
        return ""
    if isinstance(field, forms.ChoiceField):
        choices: Any = field.choices
        words = {str(code): str(word) for code, word in choices}
        return ", ".join(words[code] for code in raw if code in words)
    if isinstance(field, forms.BooleanField):
        return str(_("Yes")) if value else ""
    if isinstance(field, forms.DateField):
        return date_format(value, "l j F Y")
    return value.strftime("%H:%M") if isinstance(field, forms.TimeField) else str(value)
