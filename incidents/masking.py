"""Taking other people out of a text: names, addresses, numbers become ████. Pure.

A proposal for someone who looks at it beside the whole text: what it does not see (a nickname, "the neighbour"), that
person takes out. It never adds a word.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from unicodedata import category

from incidents.person_keys import plain_words
from incidents.private_words import marks_of, named_by, private_in

BLOCK = "████"
WORD = re.compile(r"(?:[^\W_][\u0300-\u036f]*)+")
PIECE = re.compile(r"[^\s,;:()\"“”]+")
REFERENCE = re.compile(r"\b[A-Z]{2,3}-[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]\b")
SHORTEST_NUMBER = 4  # letters and digits of a client number, plate or account that is looked for as a whole
FIRST_SEAT, SEATS = 0xE000, 6000  # signs without a meaning of their own, put in place of what is set apart
MOST_WORDS = 12  # of a name, in the runs of words that may be written as one


@dataclass(frozen=True)
class Someone:
    """A person who may be named in a text: names, mail addresses, and numbers or accounts by which they are known."""

    name: str
    mails: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()


class Masker:
    """Masks `others` in texts; what is of `own` stays, also a name that both bear, and the numbers of `own_cases`."""

    def __init__(
        self, others: Iterable[Someone], own: Someone, own_texts: Iterable[str] = (), own_cases: Collection[str] = ()
    ) -> None:
        self.own_marks = marks_of(*own_texts, *own.mails)
        self.own_cases = frozenset(own_cases)
        self.own_numbers = {_bare(number) for number in own.numbers}
        self.own_words = {word for text in (own.name, *own.mails) for word in plain_words(text.partition("@")[0])}
        self.numbers: set[str] = set()
        self.by_word: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for someone in others:
            self._know(someone)

    def masked(self, text: str) -> str:
        """The text without others. Signs that do not show are taken out, so that no name hides behind them."""
        shown, own = without_hidden_signs(text), list[str]()
        for mark, start, end in sorted(private_in(shown), key=lambda one: (-one[1], one[2])):
            if mark in self.own_marks and len(own) < SEATS:  # set apart: a colleague's name may be part of it
                own.append(shown[start:end])
                shown = shown[:start] + chr(FIRST_SEAT + len(own) - 1) + shown[end:]
            elif mark not in self.own_marks:
                shown = shown[:start] + BLOCK + shown[end:]
        shown = REFERENCE.sub(lambda found: found[0] if found[0] in self.own_cases else BLOCK, shown)
        shown = PIECE.sub(lambda found: BLOCK if _bare(found[0]) in self.numbers else found[0], shown)
        shown = self._without_names(shown)
        return "".join(own[seat] if 0 <= (seat := ord(sign) - FIRST_SEAT) < len(own) else sign for sign in shown)

    def _know(self, someone: Someone) -> None:
        name = " ".join(word for word in someone.name.split() if not self._is_own(word))
        self.numbers |= {
            bare for number in someone.numbers if len(bare := _bare(number)) >= SHORTEST_NUMBER
        } - self.own_numbers
        if name:
            words = plain_words(name)[:MOST_WORDS]
            runs = (
                "".join(words[start:end]) for start in range(len(words)) for end in range(start + 1, len(words) + 1)
            )
            for run in runs:
                self.by_word[run].add((name, ""))
        for mail in someone.mails:
            box = plain_words(mail.partition("@")[0])
            for word in {*box, "".join(box)} - self.own_words:
                self.by_word[word].add((name, mail))

    def _is_own(self, word: str) -> bool:
        plain = plain_words(word)
        return bool(plain) and set(plain) <= self.own_words

    def _without_names(self, text: str) -> str:
        words = set(plain_words(text))
        known: set[tuple[str, str]] = set()
        for word in words | {word.removesuffix("s") for word in words}:
            known |= self.by_word.get(word, set())
        names, mails = [name for name, _mail in known if name], [mail for _name, mail in known if mail]
        while known and (found := named_by(text, names, mails)):
            fresh = _without(text, found.word)
            if fresh == text:
                break
            text = fresh
        return text


def without_hidden_signs(text: str) -> str:
    """Without signs that do not show, and those without a meaning."""
    return "".join(sign for sign in text if category(sign) not in {"Cf", "Co"})


def only_loses(text: str, given: str) -> bool:
    """Whether `given` holds nothing that does not stand in `text`, in the same order: words may go, none may come."""
    left = iter(re.findall(r"\w+", without_hidden_signs(text)))
    return all(word in left for word in re.findall(r"\w+", without_hidden_signs(given)))


def _without(text: str, word: str) -> str:
    if WORD.fullmatch(word):
        return WORD.sub(lambda found: BLOCK if found[0] == word else found[0], text)
    signs = r"[\W_]+".join(re.escape(part) for part in word.split("."))
    return re.sub(signs, BLOCK, text)


def _bare(number: str) -> str:
    return re.sub(r"[\W_]", "", number.casefold())
