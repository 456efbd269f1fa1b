"""Messages, questions to a person of a case, and the form of an answer. They validate; incidents.actions sends."""

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guidance.explaining import fact_text
from guidance.facts import FACTS, Facts
from incidents.forms.fields import LongText
from incidents.forms.questions import UNKNOWN, field_for
from incidents.forms.report_happened import HappenedForm
from incidents.forms.report_needs import NeedsForm
from incidents.forms.report_people import PeopleForm
from vpdportal.look.forms import PlainForm, ask_in_words

LONGEST = 4000  # characters
# What someone who was hit, or who reported it, can know (handbook 6.2); what is left is for the adviser to find out.
ASKABLE = (
    *("ongoing_threat", "weapon", "threat_to_life", "injury", "hospital_admission", "complaints", "sick_leave_days"),
    *("damage", "home_involved", "family_involved", "worked_alone", "witnesses", "visitor_witnesses"),
    *("perpetrator.known", "perpetrator.relation", "motive", "perpetrator.knows_victims_name"),
    *("perpetrator.visits_premises", "perpetrator.group", "perpetrator.minor", "perpetrator.benefit_client"),
    *("next_contact_planned", "contact_would_continue", "public_meeting_announced"),
)
_REPORT_FIELDS = {**HappenedForm.base_fields, **PeopleForm.base_fields, **NeedsForm.base_fields}


def plain_label(name: str, *, is_about_self: bool) -> Any:
    """The question for a fact: as the report asks it of the person hit ("you"), else as it is asked about anyone."""
    field = _REPORT_FIELDS.get(FACTS[name].attribute) or _REPORT_FIELDS.get(name.rpartition(".")[2])
    return field.label if is_about_self and field is not None else FACTS[name].question


class SentOnce(PlainForm):
    """A form that is sent once, however often its button is pressed."""

    form_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("form_key", uuid4())


class MessageForm(SentOnce):
    text = LongText(label=gettext_lazy("Your message"), max_length=LONGEST, rows=4)


class QuestionForm(SentOnce):
    """What the desk asks: facts that hang in the advice, own words, or both."""

    asks = forms.MultipleChoiceField(
        label=gettext_lazy("What do you want to know?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Each answer fills in a fact, and the advice is made again with it."),
    )
    text = LongText(label=gettext_lazy("Your own question"), max_length=LONGEST, rows=3, required=False)

    def __init__(self, *args: Any, facts: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(name, FACTS[name].question) for name in facts if name in ASKABLE]
        if choices:
            self.fields["asks"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["asks"]
        for field in self.fields.values():
            field.is_unmarked = True  # type: ignore[attr-defined]  # one of the two is needed

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not data.get("asks") and not data.get("text") and not self.errors:
            self.add_error("text", gettext_lazy("Choose something above, or write a question."))
        return data

    def chosen(self) -> list[str]:
        """The dotted facts that are asked."""
        return list(self.cleaned_data.get("asks", []))


class AnswerForm(SentOnce):
    """The answer to a question.

    `facts` is what is known now, shown as a hint: that stays as it is where nothing is answered here. None for who may
    not know what others told since.
    """

    text = LongText(label=gettext_lazy("Your answer"), max_length=LONGEST, rows=4, required=False)

    def __init__(
        self, *args: Any, asks: Iterable[str], facts: Facts | None, is_about_self: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        words = self.fields.pop("text")
        self.asks = [name for name in asks if name in ASKABLE]
        for name in self.asks:
            self.fields[name] = _field(name, facts, is_about_self=is_about_self)
        self.fields["text"] = words
        if self.asks:
            words.label = gettext_lazy("Do you want to tell more?")
        words.is_unmarked = True  # type: ignore[attr-defined]
        ask_in_words(self)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not self.errors and not data.get("text") and not any(self._is_given(name) for name in self.asks):
            self.add_error(self.asks[0] if self.asks else "text", gettext_lazy("Give an answer, or write something."))
        return data

    def answers(self) -> dict[str, Any]:
        """Dotted fact → value, of what was answered with something else than "I do not know"."""
        values = {name: self.cleaned_data.get(name) for name in self.asks}
        return {name: value for name, value in values.items() if value not in (None, "", UNKNOWN)}

    def words(self) -> str:
        """All that was answered, as the message of it: each question with its answer, then the own words."""
        lines = [f"{self.fields[name].label} {self._in_words(name)}" for name in self.asks if self._is_given(name)]
        return "\n\n".join(part for part in ("\n".join(lines), self.cleaned_data["text"]) if part)

    @property
    def questions(self) -> list[BoundField]:
        return [self[name] for name in self.asks]

    def _is_given(self, name: str) -> bool:
        return self.data.get(name, "").strip() != ""

    def _in_words(self, name: str) -> str:
        value = self.answers().get(name)
        text = _("I do not know") if value is None else fact_text(name, value)
        return text[:1].upper() + text[1:]


def _field(name: str, facts: Facts | None, *, is_about_self: bool) -> forms.Field:
    """The field of an asked fact, without an answer in it. What is known meanwhile stands with it as a hint.

    Nothing of the perpetrator: that is for the desk alone (design of access, matrix G6-G8).
    """
    field = field_for(FACTS[name])
    field.initial = None
    field.label = plain_label(name, is_about_self=is_about_self)
    field.is_unmarked = True  # type: ignore[attr-defined]
    if isinstance(field, forms.ChoiceField) and FACTS[name].kind == "choice":
        codes = [code for code in FACTS[name].choices.choices if code[0] != UNKNOWN]  # type: ignore[union-attr]
        field.choices = [("", gettext_lazy("Choose")), *codes, (UNKNOWN, gettext_lazy("I do not know"))]
    known = None if facts is None or name.startswith("perpetrator.") else facts.value(name)
    if known is not None:
        field.help_text = _("This is known meanwhile: %(answer)s. Answer only when that is not right.") % {
            "answer": fact_text(name, known)
        }
    return field
