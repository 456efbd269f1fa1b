"""Kinds of letters: who reads them, which reaction they carry, which share a field; and what a field is."""

from dataclasses import dataclass
from typing import Any

from incidents.vocabulary import LetterKind, ReactionKind

K = LetterKind
ALL = frozenset(LetterKind)
# Who the letter goes to. Only the outcome goes to a colleague, and so holds nothing of who did it.
REACHES_PERPETRATOR = ALL - {K.OUTCOME}
# Which reaction each letter carries; a letter in this table does not go before that reaction is signed.
CARRIES: dict[LetterKind, tuple[ReactionKind, ...]] = {
    K.WARNING: (ReactionKind.WARNING,),
    K.CONDITIONS: (ReactionKind.CONDITIONS,),
    K.PAUSE: (ReactionKind.PAUSE,),
    K.BAN: (ReactionKind.BAN,),
    K.BAN_END: (ReactionKind.CONDITIONS, ReactionKind.PAUSE, ReactionKind.BAN),
}
MEASURES = frozenset({K.WARNING, K.CONDITIONS, K.PAUSE, K.BAN})
LIMITS = MEASURES - {K.WARNING}
AFTER_CONDUCT = MEASURES | {K.INVITATION, K.DAMAGE}
TALK, TERMS, PAUSE = frozenset({K.INVITATION}), frozenset({K.CONDITIONS, K.PAUSE}), frozenset({K.PAUSE})
BAN, DAMAGE, OUTCOME, END = frozenset({K.BAN}), frozenset({K.DAMAGE}), frozenset({K.OUTCOME}), frozenset({K.BAN_END})
NONE: frozenset[LetterKind] = frozenset()
AVG14 = frozenset({K.AVG14})
SHORT, LONG = 200, 4000  # characters


@dataclass(frozen=True)
class LetterField:
    """One field. `needed`: the kinds of letter that do not go without it; `comes_from`: of its first value."""

    name: str
    label: Any
    kinds: frozenset[LetterKind]
    needed: frozenset[LetterKind]
    comes_from: Any
    example: str
    is_long: bool = False
    help: Any = ""
    names_someone: bool = False  # says who the letter is to or from, so it may be anyone's name

    @property
    def tag(self) -> str:
        return "{{ " + self.name + " }}"

    @property
    def most(self) -> int:
        return LONG if self.is_long else SHORT
