"""A card's rules as a document: items, rules between them, readings, ladder, offences and sources, all in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guidance.card import Card
from guidance.cards import card_at, version_name
from guidance.differences import deadline_text, ladder_step_text, months_text
from guidance.explaining import condition_sentences
from guidance.facts import FACTS, FactDescription
from guidance.menu import OUR_OWN, Item, Rule
from guidance.models import MenuCard
from guidance.vocabulary import ClosedDay, ItemStatus, Occurrence, Phase, Severity, Strength
from vpdportal.accounts.models import Organisation

MAY_BE_OFF = {
    ItemStatus.LAW: gettext_lazy("cannot be switched off"),
    ItemStatus.NORM: gettext_lazy("cannot be switched off, its term can only be shorter"),
    ItemStatus.OPTIONAL: gettext_lazy("may be switched off"),
}
NOT_SOURCES = {
    "OWN": gettext_lazy("our own judgement"),
    "GAP": gettext_lazy("looked for a source, found none"),
}
KINDS = {
    "boolean": gettext_lazy("yes or no"),
    "integer": gettext_lazy("a number"),
    "choice": gettext_lazy("one of a fixed list"),
    "choices": gettext_lazy("one or more of a fixed list"),
}


@dataclass(frozen=True)
class PaperSource:
    """A source as it is named under an item. `is_listed`: it stands in the list of sources."""

    key: str
    title: Any
    is_listed: bool = True


@dataclass(frozen=True)
class PaperItem:
    """One item of a card, in words."""

    card: Card
    item: Item

    @property
    def is_on(self) -> bool:
        return self.item.code in self.card.items

    @property
    def is_must(self) -> bool:
        return self.item.strength == Strength.MUST

    @property
    def may_be_off(self) -> Any:
        return MAY_BE_OFF[self.item.status]

    @property
    def own_words(self) -> list[Any]:
        """What of it the organisation wrote in its own words."""
        change = self.card.changes.change_of(self.item.code)
        parts = ((_("title"), change.title), (_("explanation"), change.purpose), (_("role"), change.role))
        return [name for name, text in parts if text]

    @property
    def when(self) -> list[str]:
        """Each way in which it comes to be advised, as a sentence."""
        item, every = self.item, self.card.every
        found = condition_sentences(item.condition)
        if item.follows and not item.follows_done:
            found.append(
                _("together with %(items)s; it then waits until that is chosen") % {"items": self._named(item.follows)}
            )
        bringers = [code for code, other in every.items() if item.code in other.needs and code not in item.follows]
        if bringers:
            found.append(_("together with %(items)s, which cannot do without it") % {"items": self._named(bringers)})
        return found

    @property
    def hangs_together(self) -> list[str]:
        """What it waits for, brings along, or is an alternative to."""
        item, found = self.item, []
        if item.follows_done:
            found.append(_("Only after %(items)s, and not before that is done.") % {"items": self._named(item.follows)})
        if item.needs:
            found.append(_("Always brings along: %(items)s.") % {"items": self._named(item.needs)})
        if item.choice_group:
            group = [code for code, other in self.card.every.items() if other.choice_group == item.choice_group]
            text = self.card.menu.choice_groups[item.choice_group]
            found.append(f"{self._named(group)}: {text}")
        if item.restricts:
            found.append(
                _("Always ends: usually after %(usual)s, at most after %(most)s.")
                % {"usual": _months(item.restricts.usual), "most": _months(item.restricts.at_most)}
            )
        return found

    @property
    def terms(self) -> list[str]:
        """Its term, or the term of each of its steps, with what the menu said where the organisation chose another."""
        item = self.item
        found = [self._term(number) for number in range(len(item.steps))]
        if item.deadline_label:
            found.insert(0, item.deadline_label)
        if item.due_alone:
            found.append(_("when it stands alone: %(term)s") % {"term": deadline_text(item.due_alone)})
        if item.due_if_severe:
            found.append(
                _("with severity 3 or 4: %(term)s at the latest") % {"term": deadline_text(item.due_if_severe)}
            )
        if item.days_before_end:
            found.append(
                _("at the latest %(days)s days before the end of what it follows") % {"days": item.days_before_end}
            )
        return [term for term in found if term]

    def _term(self, number: int) -> str:
        step, shipped = self.item.steps[number], self.card.menu.items.get(self.item.code)
        if step.deadline is None and (self.item.deadline_label or self.item.days_before_end):
            return ""
        text = deadline_text(step.deadline)
        if shipped and shipped.steps[number].deadline != step.deadline:
            before = deadline_text(shipped.steps[number].deadline)
            text = _("%(term)s (chosen by the organisation; in the menu: %(shipped)s)") % {
                "term": text,
                "shipped": before,
            }
        return f"{step.title}: {text}" if len(self.item.steps) > 1 else text

    @property
    def sources(self) -> list[PaperSource]:
        return named_sources(self.card, self.item.sources)

    def _named(self, codes: Iterable[str]) -> str:
        return named_items(self.card, codes)


@dataclass(frozen=True)
class Paper:
    """The whole document. `published` is None while the card is the menu as it ships."""

    organisation: Organisation
    card: Card
    published: MenuCard | None

    @property
    def phases(self) -> list[tuple[Phase, list[PaperItem]]]:
        items = [PaperItem(self.card, item) for item in self.card.every.values()]
        return [(phase, [one for one in items if one.item.phase == phase]) for phase in Phase]

    @property
    def counts(self) -> dict[str, int]:
        every = self.card.every.values()
        return {
            "menu": len(self.card.menu.items),
            "own": sum(item.is_own for item in every),
            "off": len(self.card.every) - len(self.card.items),
            "checked": sum(item.is_verified for item in self.card.menu.items.values()),
        }

    @property
    def closed_day(self) -> Any:
        return ClosedDay(self.card.changes.closed_day).label

    @property
    def rules(self) -> list[tuple[Rule, list[str], list[PaperSource]]]:
        """Each rule between items with the codes that it is about and where it comes from."""
        return [
            (rule, condition_sentences(rule.condition), named_sources(self.card, rule.sources))
            for rule in self.card.menu.rules
        ]

    @property
    def severities(self) -> list[tuple[Any, list[str]]]:
        return severity_sentences(self.card)

    @property
    def assumptions(self) -> list[tuple[str, list[PaperSource]]]:
        return [(str(one.text), named_sources(self.card, one.sources)) for one in self.card.menu.assumptions]

    @property
    def ladder(self) -> list[tuple[Any, list[tuple[Any, list[str]]]]]:
        return ladder_rows(self.card)

    @property
    def ladder_sources(self) -> list[PaperSource]:
        return named_sources(self.card, self.card.menu.ladder_sources)

    @property
    def offences(self) -> list[tuple[Any, list[str], list[PaperSource]]]:
        return [
            (one, condition_sentences(one.condition), named_sources(self.card, one.sources))
            for one in self.card.menu.offences
        ]

    @property
    def used_facts(self) -> list[tuple[FactDescription, Any]]:
        """The facts that some rule of this card asks for, each with the kind of answer."""
        asked = set(self.card.conditions.facts)
        return [(fact, KINDS[fact.kind]) for name, fact in FACTS.items() if name in asked]


def paper_of(organisation: Organisation) -> Paper:
    """The organisation's published card as a document. At most one query."""
    published = MenuCard.objects.filter(organisation=organisation).first()
    number = published.number if published else 0
    return Paper(organisation, card_at(organisation.pk, version_name(number)), published)


def named_items(card: Card, codes: Iterable[str]) -> str:
    return ", ".join(f"{code} “{card.every[code].title}”" for code in codes)


def named_sources(card: Card, keys: Sequence[str]) -> list[PaperSource]:
    return [
        PaperSource(key, NOT_SOURCES[key], is_listed=False)
        if key in OUR_OWN
        else PaperSource(key, card.menu.sources[key].title)
        for key in keys
    ]


def severity_sentences(card: Card) -> list[tuple[Any, list[str]]]:
    """From the highest level down: its name and when it is proposed."""
    return [(Severity(rule.level).label, condition_sentences(rule.condition)) for rule in card.menu.severities]


def ladder_rows(card: Card) -> list[tuple[Any, list[tuple[Any, list[str]]]]]:
    """The ladder as a table: a row for each severity, in it each occurrence with its steps."""
    return [
        (level.label, [(occurrence.label, _steps(card, level, occurrence)) for occurrence in Occurrence])
        for level in Severity
    ]


def _steps(card: Card, level: Severity, occurrence: Occurrence) -> list[str]:
    off = _("is off")
    return [
        ladder_step_text(step, card) + ("" if step.code in card.items else f" ({off})")
        for step in card.ladder[level, occurrence]
    ]


def _months(amount: int) -> str:
    return months_text((amount, amount))
