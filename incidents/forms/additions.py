"""Adding to a report that was sent: words, questions that were left open, corrections; help, witnesses, the person hit.

They validate; incidents.actions.additions and incidents.actions.people act.
"""

import json
from typing import Any
from uuid import uuid4

from django import forms
from django.forms import BoundField
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from guidance.facts import FACTS, REQUIRED, Facts
from incidents.actions.additions import Addition
from incidents.evidence_kinds import ACCEPTED, limits_sentence
from incidents.forms.fields import LongText
from incidents.forms.messages import ASKABLE, LONGEST, SentOnce, plain_label
from incidents.forms.questions import UNKNOWN, field_for
from incidents.forms.report_happened import HappenedForm
from incidents.forms.report_needs import NeedsForm
from incidents.forms.report_people import PeopleForm
from incidents.vocabulary import StatementKind
from vpdportal.look.forms import PlainForm, ask_in_words

AT_ONCE = 5  # questions that stand open; the rest is folded
CORRECTABLE = ("behaviours", "channel", "target_group", *ASKABLE)


_CONDITIONS = {**HappenedForm.conditions, **PeopleForm.conditions, **NeedsForm.conditions}


def open_facts(facts: Facts) -> list[str]:
    """What a reporter can still tell, in the order in which it matters: the dotted facts that are not known.

    A question that hangs on another one is only asked when that was answered so, as in the report.
    """
    typed: MultiValueDict[str, str] = MultiValueDict()
    for description, value in facts.known():
        typed.setlist(description.attribute, _as_typed(value))
    return [name for name in ASKABLE if facts.value(name) is None and _is_asked(name, typed)]


def _as_typed(value: Any) -> list[str]:
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    return [str(one) for one in value] if isinstance(value, tuple) else [str(value)]


def _is_asked(name: str, typed: "MultiValueDict[str, str]") -> bool:
    conditions = _CONDITIONS.get(FACTS[name].attribute, ())
    return not conditions or any(condition.is_met(typed) for condition in conditions)


class FilesInput(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.Field):
    """Any number of files. Each is judged when it is kept (incidents.actions.additions.add_files)."""

    widget = FilesInput

    def __init__(self) -> None:
        super().__init__(label=_("Photos, screenshots, mails, sound or video"), required=False)
        self.widget.attrs |= {"accept": ACCEPTED, "multiple": True}


class WithFiles(SentOnce):
    """A form to which files may be added."""

    evidence = FilesField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["evidence"].help_text = limits_sentence()


class AddForm(WithFiles):
    """Own words, and the questions that were left open. One of the two, or a file, is enough."""

    text = LongText(
        label=_("What do you want to add?"),
        max_length=LONGEST,
        rows=6,
        required=False,
        help_text=_("What you told before stays as it is. This is added to it, with today's date."),
    )

    def __init__(self, *args: Any, facts: Facts, is_about_self: bool, asks_facts: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["form_key", "text"])
        still_open = open_facts(facts) if asks_facts else []
        self.asks = [name for name in ASKABLE if name in still_open or self._is_given(name)]
        for name in self.asks:
            self.fields[name] = _field(name, is_about_self=is_about_self)
        self.fields["text"].is_unmarked = True  # type: ignore[attr-defined]
        ask_in_words(self)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not self.errors and not data.get("text") and not self._answers() and not data.get("evidence"):
            self.add_error("text", _("Write something, or answer a question below."))
        return data

    def addition(self) -> Addition:
        """What goes to the action."""
        data = self.cleaned_data
        return Addition(form_key=data["form_key"], text=data["text"], answers=self._answers())

    @property
    def first(self) -> list[BoundField]:
        return [self[name] for name in self.asks[:AT_ONCE]]

    @property
    def later(self) -> list[BoundField]:
        return [self[name] for name in self.asks[AT_ONCE:]]

    @property
    def has_answered_later(self) -> bool:
        """Whether something folded was answered, or is wrong: then it stands open."""
        return any(name in self.errors or self._is_given(name) for name in self.asks[AT_ONCE:])

    def _is_given(self, name: str) -> bool:
        """Whether it was answered, also when someone else filled it in after this page was opened."""
        return self.data.get(name) not in ("", None, UNKNOWN)

    def _answers(self) -> dict[str, Any]:
        values = {name: self.cleaned_data.get(name) for name in self.asks}
        return {name: value for name, value in values.items() if value not in (None, "")}


class CorrectionForm(SentOnce):
    """For the person hit: what is not right in what someone else reported. `names`: the facts that may be shown.

    `shown` says what stood in the form, so that only what this person changed is changed, whoever worked on the facts
    meanwhile.
    """

    shown = forms.CharField(widget=forms.HiddenInput, required=False)
    text = LongText(
        label=_("What is not right?"),
        max_length=LONGEST,
        rows=6,
        required=False,
        help_text=_("The first report stays as it is. Your words stand beside it as a correction."),
    )

    def __init__(self, *args: Any, facts: Facts, names: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.facts, self.names = facts, names
        self.initial.setdefault("shown", json.dumps({name: facts.value(name) for name in names}))
        for name in names:
            self.fields[name] = _filled(name, facts)
        self.fields["text"].is_unmarked = True  # type: ignore[attr-defined]
        ask_in_words(self)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not self.errors and not data.get("text") and not self._changed():
            self.add_error("text", _("Write what is not right, or change an answer below."))
        return data

    def addition(self) -> Addition:
        """What goes to the action."""
        data = self.cleaned_data
        return Addition(
            form_key=data["form_key"], text=data["text"], kind=StatementKind.CORRECTION, answers=self._changed()
        )

    @property
    def questions(self) -> list[BoundField]:
        return [self[name] for name in self.names]

    def _changed(self) -> dict[str, Any]:
        """What this person gave another value than stood there; None for "I do not know"."""
        shown = self._shown()
        values = {name: self._value(name) for name in self.names}
        return {name: value for name, value in values.items() if value != shown.get(name, self.facts.value(name))}

    def _value(self, name: str) -> Any:
        value: Any = self.cleaned_data.get(name)
        if name != "behaviours":
            return None if value == "" else value
        kept = [code for code in self.facts.behaviours if code in value]  # the worst stays first
        return tuple(dict.fromkeys([*kept, *value]))

    def _shown(self) -> dict[str, Any]:
        try:
            found = json.loads(self.cleaned_data.get("shown") or "{}")
        except ValueError:
            return {}
        if not isinstance(found, dict):
            return {}
        return {name: tuple(value) if isinstance(value, list) else value for name, value in found.items()}


class SupportForm(PlainForm):
    """`contact` is how the person was to be reached until now."""

    contact = forms.CharField(
        label=_("How can we reach you?"),
        max_length=120,
        required=False,
        help_text=_("For example a telephone number and a good time."),
    )


class ColleagueForm(PlainForm):
    """The work e-mail address of a colleague. Whether there is one with an account is not for the form to say."""

    email = forms.EmailField(label=_("Work e-mail address of this colleague"), max_length=254)


class WitnessForm(WithFiles):
    text = LongText(
        label=_("What did you see or hear?"),
        max_length=LONGEST,
        rows=8,
        required=False,
        help_text=_(
            "In your own words: who did and said what, in which order. Say only what you saw or heard yourself."
        ),
    )

    def __init__(self, *args: Any, has_told: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["form_key", "text"])
        self.fields["text"].is_unmarked = True  # type: ignore[attr-defined]
        if has_told:
            self.fields["text"].label = _("What do you want to add?")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not self.errors and not data.get("text") and not data.get("evidence"):
            self.add_error("text", _("Write what you saw, or press one of the buttons below."))
        return data

    def addition(self) -> Addition:
        return Addition(form_key=self.cleaned_data["form_key"], text=self.cleaned_data["text"])


class NothingToTellForm(PlainForm):
    """Two buttons: saw nothing, or would rather not say."""

    form_key = forms.UUIDField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(
        choices=[(kind.value, kind.label) for kind in (StatementKind.SAW_NOTHING, StatementKind.RATHER_NOT)]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("form_key", uuid4())

    def addition(self) -> Addition:
        return Addition(form_key=self.cleaned_data["form_key"], kind=StatementKind(self.cleaned_data["kind"]))


def _field(name: str, *, is_about_self: bool) -> forms.Field:
    """The field of a fact that may stay open, in the words of who is asked."""
    field = field_for(FACTS[name])
    field.label = plain_label(name, is_about_self=is_about_self)
    field.is_unmarked = True  # type: ignore[attr-defined]
    return field


def _filled(name: str, facts: Facts) -> forms.Field:
    """The field of a fact with what is known in it."""
    description, value = FACTS[name], facts.value(name)
    field = field_for(description, is_required=name in REQUIRED)
    field.label = plain_label(name, is_about_self=True)
    field.is_unmarked = True  # type: ignore[attr-defined]
    if description.kind == "boolean":
        field.initial = {True: "yes", False: "no", None: "unknown"}[value]
    elif value is not None:
        field.initial = list(value) if isinstance(value, tuple) else value
    if value == UNKNOWN and isinstance(field, forms.ChoiceField):  # kept as it came in
        field.choices = [*field.choices, (UNKNOWN, description.choices(UNKNOWN).label)]  # type: ignore[misc, union-attr]
    return field
