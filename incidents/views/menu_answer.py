"""The menu's whole answer as the page "What if" shows it, in the language that is active."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.forms import BoundField
from django.utils.translation import gettext as _

from guidance.advice import Advice, Advised
from guidance.differences import ladder_step_text, months_text
from guidance.explaining import because_text, fact_text, reason_text
from guidance.menu import Item
from guidance.questions import Question, questions_of
from guidance.vocabulary import Phase, Severity, Strength
from incidents.forms.trying import TryForm

ASKED_FIRST = 6  # so many questions stand open above the advice
NAMED = 4  # so many items are named in a question; more than that follow by their codes


@dataclass(frozen=True)
class Shown:
    """One advice, in words."""

    advice: Advice

    @property
    def item(self) -> Item:
        return self.advice.item

    @property
    def reason(self) -> str:
        return reason_text((part.to_data() for part in self.advice.because), self.item, self.advice.card.every)

    @property
    def is_must(self) -> bool:
        return self.advice.strength == Strength.MUST

    @property
    def months(self) -> str:
        return months_text(self.advice.months) if self.advice.months else ""

    @property
    def choice(self) -> str:
        """What is to be done with the group of which it is one."""
        return str(self.advice.card.menu.choice_groups.get(self.item.choice_group, ""))

    @property
    def waits_for(self) -> str:
        return ", ".join(self.advice.card.every[code].title for code in self.advice.waits_for)

    @property
    def more_steps(self) -> list[tuple[str, Any]]:
        """The steps after the first one, each with its moment."""
        return [(self.item.step_title(step.number), step.due) for step in self.advice.steps[1:]]


@dataclass(frozen=True)
class Asked:
    """A question with the field of the form that answers it."""

    question: Question
    field: BoundField


@dataclass(frozen=True)
class Answer:
    """What the page shows. `advised` is the answer itself."""

    advised: Advised
    questions: list[Question]
    form: TryForm

    @property
    def severity_label(self) -> Any:
        return Severity(self.advised.severity).label

    @property
    def proposed_label(self) -> Any:
        """What the other facts ask for, whatever severity was filled in."""
        return Severity(self.advised.proposed_severity).label

    @property
    def is_severity_given(self) -> bool:
        return "severity" in self.advised.given

    @property
    def severity_because(self) -> str:
        return because_text((part.to_data() for part in self.advised.severity_because), self.advised.card.every)

    @property
    def columns(self) -> list[tuple[Phase, list[Shown]]]:
        shown = [Shown(advice) for advice in self.advised.advice]
        return [(phase, [one for one in shown if one.item.phase == phase]) for phase in Phase]

    @property
    def asked_first(self) -> list[Asked]:
        """What is most worth asking."""
        return self._now()[:ASKED_FIRST]

    @property
    def asked_more(self) -> list[Asked]:
        return self._now()[ASKED_FIRST:]

    def _now(self) -> list[Asked]:
        return [Asked(one, self.form[one.fact]) for one in self.questions if not _is_later(one)]

    @property
    def asked_later(self) -> list[Asked]:
        """What is taken for true until someone says otherwise, and what may be left for later."""
        return [Asked(one, self.form[one.fact]) for one in self.questions if _is_later(one)]

    @property
    def asked(self) -> frozenset[str]:
        return frozenset(question.fact for question in self.questions)

    @property
    def ladder_steps(self) -> list[str]:
        ladder = self.advised.ladder
        return [ladder_step_text(step, self.advised.card) for step in ladder.steps] if ladder else []


def answer_for(advised: Advised, form: TryForm) -> Answer:
    """The answer with its questions, which stand in the form with what hangs on them."""
    questions = questions_of(advised)
    for question in questions:
        form[question.fact].help_text = effect_text(question, advised.card.every)
    return Answer(advised, questions, form)


def effect_text(question: Question, items: Any) -> str:
    """What an answer can bring: "Can add: Building ban. Can take away: Talk. Assumed until you answer: no."."""
    parts = [
        (_("Can add: %(items)s."), question.adds),
        (_("Can take away: %(items)s."), question.removes),
        (_("Can make wait: %(items)s."), question.holds),
    ]
    texts = [text % {"items": _named(codes, items)} for text, codes in parts if codes]
    if question.is_assumed:
        texts.insert(0, _("Assumed until you answer: %(answer)s.") % {"answer": _assumed(question)})
    return " ".join(texts)


def _assumed(question: Question) -> str:
    return fact_text(question.fact, question.assumed)


def _is_later(question: Question) -> bool:
    return question.is_assumed or question.is_remote


def _named(codes: Iterable[str], items: Any) -> str:
    codes = list(codes)
    named = ", ".join(items[code].title for code in codes[:NAMED])
    rest = codes[NAMED:]
    return f"{named} {_('and also')} {', '.join(rest)}" if rest else named
