"""The open questions of an advice as one form; each says what its answer could change, by the names of the items."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from guidance.advice import Advised
from guidance.explaining import fact_text
from guidance.facts import FACTS, FactDescription, Facts
from guidance.menu import Item
from guidance.questions import Question, questions_of
from guidance.vocabulary import Strength
from incidents.forms.fields import YesNoUnknown
from vpdportal.look.forms import PlainForm, ask_in_words

AT_ONCE = 5  # questions that stand open; the rest is folded
TITLES_AT_ONCE = 4  # of all that hangs on one question
UNKNOWN = "unknown"  # a code that says no more than leaving the question open


@dataclass(frozen=True)
class Effect:
    """One thing that an answer could do: a sentence with a place for the titles; what has to be done stands first."""

    sentence: str
    titles: list[str]

    def short(self, limit: int) -> str:
        """With `limit` titles, or one more when that is the last: "Can add: A; B and 3 others." """
        more = len(self.titles) - limit
        if not self.is_longer(limit):
            return self.whole
        others = ngettext("and %(count)s other", "and %(count)s others", more) % {"count": more}
        return self.sentence % {"items": f"{'; '.join(self.titles[:limit])} {others}"}

    @property
    def whole(self) -> str:
        return self.sentence % {"items": "; ".join(self.titles)}

    def is_longer(self, limit: int) -> bool:
        return len(self.titles) > limit + 1


@dataclass(frozen=True)
class Asked:
    """A question with its field on the page."""

    field: BoundField
    effects: list[Effect]

    @property
    def is_longer(self) -> bool:
        """Whether there is more to name than the hint does."""
        return any(effect.is_longer(_limit(self.effects)) for effect in self.effects)

    @property
    def count(self) -> int:
        return sum(len(effect.titles) for effect in self.effects)


class FactsForm(PlainForm):
    """Each question answered with yes, no, a number, a choice, or not at all.

    The severity is no question here: it has a place of its own on the page.
    """

    def __init__(self, *args: Any, advised: Advised, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.advised = advised
        self.questions = [question for question in questions_of(advised) if question.fact != "severity"]
        self._effects = {one.fact: effects_of(one, advised.card.every) for one in self.questions}
        for question in self.questions:
            field = field_for(FACTS[question.fact], is_assumed=question.is_assumed)
            field.help_text = " ".join(self._hints(question))
            field.is_unmarked = True  # type: ignore[attr-defined]  # "I do not know" says that it may stay open
            self.fields[question.fact] = field
        ask_in_words(self)

    def answers(self) -> dict[str, Any]:
        """What was answered; what stays unknown is left out."""
        return {name: value for name, value in self.cleaned_data.items() if value is not None and value != ""}

    @property
    def now(self) -> list[Asked]:
        """The few that matter most."""
        return self._asked(self._first())

    @property
    def later(self) -> list[Asked]:
        first = self._first()
        return self._asked([one for one in self.questions if not one.is_assumed and one not in first])

    @property
    def assumed(self) -> list[Asked]:
        """What is taken for true until someone says otherwise."""
        return self._asked([one for one in self.questions if one.is_assumed])

    def _first(self) -> list[Question]:
        """The first few of what is near; what is assumed or may be left for later never stands open."""
        return [one for one in self.questions if not one.is_assumed and not one.is_remote][:AT_ONCE]

    def _asked(self, questions: list[Question]) -> list[Asked]:
        return [Asked(self[question.fact], self._effects[question.fact]) for question in questions]

    def _hints(self, question: Question) -> Iterator[str]:
        if question.is_assumed:
            yield _("Assumed until you answer: %(answer)s.") % {"answer": fact_text(question.fact, question.assumed)}
            yield assumption_text(self.advised, question)
        effects = self._effects[question.fact]
        yield from (effect.short(_limit(effects)) for effect in effects)


def answered_meanwhile(sent: QueryDict, form: FactsForm, facts: Facts) -> list[str]:
    """What someone else answered in another way since the page was opened: those questions are not asked any more."""
    found = []
    for name, description in FACTS.items():
        if name == "severity" or name in form.fields or not any(sent.getlist(name)):
            continue
        field, stored = field_for(description), getattr(facts, name)
        with suppress(forms.ValidationError):
            typed = field.clean(field.widget.value_from_datadict(sent, {}, name))
            if typed not in (None, "", []) and stored is not None and fact_text(name, typed) != fact_text(name, stored):
                told = {"question": description.question, "answer": fact_text(name, stored)}
                found.append(
                    _("“%(question)s” was answered meanwhile: %(answer)s. Your answer was not written.") % told
                )
    return found


def effects_of(question: Question, items: Mapping[str, Item]) -> list[Effect]:
    """What the answers to a question could do with the advice."""
    found = (
        (_("Can add: %(items)s."), question.adds),
        (_("Can take away: %(items)s."), question.removes),
        (_("Can make wait: %(items)s."), question.holds),
    )
    return [Effect(sentence, _titles(codes, items)) for sentence, codes in found if codes]


def assumption_text(advised: Advised, question: Question) -> str:
    """The sentence by which this was assumed."""
    yes = advised.decision.marks[0]
    for one in advised.card.menu.assumptions:
        is_of_it = question.fact in one.then and one.then[question.fact] == question.assumed
        if is_of_it and advised.card.conditions.holds(f"assumption {one.name}", yes):
            return str(one.text)
    return ""


def field_for(description: FactDescription, *, is_assumed: bool = False, is_required: bool = False) -> forms.Field:
    """The field of a fact, which stays unknown when it is left open."""
    label = description.question
    open_label = gettext_lazy("Leave it as assumed") if is_assumed else gettext_lazy("I do not know")
    if description.kind == "boolean":
        field = YesNoUnknown(label=label, initial="unknown", required=is_required)
        field.choices = [("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No")), ("unknown", open_label)]
        return field
    if description.kind == "integer":
        return forms.IntegerField(label=label, min_value=0, max_value=10_000, required=is_required)
    codes = [choice for choice in description.choices.choices if choice[0] != UNKNOWN]  # type: ignore[union-attr]
    if description.kind == "choices":
        return forms.MultipleChoiceField(
            label=label, choices=codes, widget=forms.CheckboxSelectMultiple, required=is_required
        )
    return forms.ChoiceField(
        label=label, choices=codes if is_required else [("", open_label), *codes], required=is_required
    )


def _limit(effects: list[Effect]) -> int:
    return max(1, TITLES_AT_ONCE // len(effects)) if effects else 0


def _titles(codes: tuple[str, ...], items: Mapping[str, Item]) -> list[str]:
    found = [items[code] for code in codes]
    return [item.title for item in sorted(found, key=lambda item: item.strength != Strength.MUST)]
