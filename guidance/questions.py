"""What is not known and would change the advice: each such fact becomes a question that names what hangs on it.

Every answer that a question can get is tried. So nothing that was advised can be taken back by an answer unless the
question had said so; that includes what was only taken to follow from other facts (`assumed`).
"""

from dataclasses import dataclass
from typing import Any

from guidance.advice import Advised, Decision, decide
from guidance.card import Card
from guidance.facts import FACTS
from guidance.vocabulary import Strength


@dataclass(frozen=True)
class Question:
    """A fact that would change the advice: the items that could come, those that would go, and those that would wait.

    `assumed` is what is taken for true until it is answered; None: nothing is. `is_remote`: it may be left for later.
    """

    fact: str
    adds: tuple[str, ...]
    removes: tuple[str, ...]
    holds: tuple[str, ...] = ()
    assumed: Any = None
    is_remote: bool = False

    @property
    def text(self) -> str:
        return str(FACTS[self.fact].question)

    @property
    def is_assumed(self) -> bool:
        return self.assumed is not None


def questions_of(advised: Advised) -> list[Question]:
    """The questions, those that matter most first: what would add or stop something that has to be done.

    A near miss asks nothing on: its report is one page, and stays light.
    """
    if advised.is_near_miss:
        return []
    card, base, given = advised.card, advised.decision, advised.given
    hanging = _hanging(card, base)
    found = []
    for fact in FACTS:
        if fact in given or fact not in card.conditions.facts:
            continue
        adds: set[str] = set(hanging.get(fact, ()))
        removes: set[str] = set()
        holds: set[str] = set()
        for answer in card.conditions.answers_that_matter(fact):
            if answer == base.values.get(fact):
                continue
            other = decide({**given, fact: answer}, card)
            adds |= other.fits.keys() - base.fits.keys()
            removes |= base.fits.keys() - other.fits.keys()
            holds |= (other.held - base.held) & base.fits.keys()
        if adds or removes or holds:
            found.append(
                Question(
                    fact=fact,
                    adds=_in_order(adds, card),
                    removes=_in_order(removes, card),
                    holds=_in_order(holds, card),
                    assumed=base.values.get(fact),
                    is_remote=_is_remote(card, base, fact),
                )
            )
    must = {code for code, item in card.every.items() if item.strength == Strength.MUST}
    return sorted(found, key=lambda one: (one.is_assumed, one.is_remote, -_weight(one, must)))


def _in_order(codes: set[str], card: Card) -> tuple[str, ...]:
    return tuple(code for code in card.every if code in codes)


def _hanging(card: Card, base: Decision) -> dict[str, list[str]]:
    """Fact → the items that are open and hang on it, alone or with other facts."""
    found: dict[str, list[str]] = {}
    for code in card.items:
        if code not in base.fits and code not in base.dropped:
            for fact in card.conditions.open_facts(code, base.marks):
                found.setdefault(fact, []).append(code)
    along = [item for item in card.followers if not item.follows_done and item.code not in base.fits]
    for codes in found.values():  # what would come along with those
        codes += [item.code for item in along if set(item.follows) & set(codes)]
    return found


def _is_remote(card: Card, base: Decision, fact: str) -> bool:
    """Whether the question may be left for later (`near` in readings.toml)."""
    near = [number for number, one in enumerate(card.menu.nearness) if fact in one.facts]
    return bool(near) and not any(card.conditions.holds(f"near {number}", base.marks[0]) for number in near)


def _weight(question: Question, must: set[str]) -> int:
    adds, removes = set(question.adds), set(question.removes)
    return len(adds) + 2 * len(must & adds) + 3 * len(must & removes) + len(question.holds)
