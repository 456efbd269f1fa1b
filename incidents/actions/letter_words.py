"""Sentences of letters that depend on the case: how a measure ended, who was heard, to whom it is, what it cost.

Dutch, as letters are. Never a word that the desk wrote for itself: why someone was not heard, or why it ended.
"""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from django.utils import timezone, translation

from incidents.letter_kinds import LONG
from incidents.models import DamageLine, Incident, Person, Reaction
from incidents.money import euros
from incidents.vocabulary import DamageKind, DamageOf, EndKind, Hearing, LetterKind, ReporterIs

OLD_RULES = "Voor u gelden nu dezelfde regels als voor iedereen."
ENDED = {
    EndKind.EXPIRED: f"De tijd die in onze brief stond, was om. {OLD_RULES}",
    EndKind.EARLY: f"Dat is eerder dan in onze brief stond. De datum in die brief geldt niet meer. {OLD_RULES}",
    EndKind.REPLACED: "Er is een andere maatregel voor in de plaats gekomen. Daarover krijgt u een aparte brief.",
    EndKind.ANNULLED: f"Wij hebben de maatregel teruggenomen. De datum in onze brief geldt niet meer. {OLD_RULES}",
}
NOT_HEARD = {
    Hearing.INVITED: (
        "Wij hebben u uitgenodigd om uw kant te vertellen. U bent niet gekomen of hebt niet geantwoord. "
        "U kunt dat alsnog doen."
    ),
    Hearing.NOT_SAFE: (
        "Wij hebben niet met u gesproken voordat wij deze brief schreven. Dat kon toen niet op een veilige manier."
    ),
    Hearing.LATER: "Wij hebben uw kant van het verhaal nog niet gehoord.",
}
HEARD = "U hebt ons verteld hoe u het hebt ervaren."  # where the desk kept no words of it


class Receiver(StrEnum):
    """To whom the outcome is written."""

    REPORTER = "melder"
    HIT = "geraakte"


def last_day(reaction: Reaction) -> date | None:
    """The last day on which it held: the one that was signed, or the day on which it was ended before that."""
    if reaction.ended_at is None:
        return reaction.ends_on
    ended = timezone.localdate(reaction.ended_at)
    return min(ended, reaction.ends_on) if reaction.ends_on else ended


def how_it_ended(reaction: Reaction) -> str:
    """What follows on the day of the end; "" while it runs."""
    return ENDED.get(EndKind(reaction.end_kind), "") if reaction.ended_at and reaction.end_kind else ""


def their_side(reaction: Reaction) -> dict[str, str]:
    """What they said, or in one sentence why that was not heard."""
    if reaction.hearing == Hearing.HEARD:
        return {"weerwoord": reaction.hearing_words or HEARD, "niet_gehoord": ""}
    return {"weerwoord": "", "niet_gehoord": NOT_HEARD[Hearing(reaction.hearing)]}


def about_a_minor(person: Person, kind: LetterKind) -> str:
    """Who "u" is where the parents read it; "" for a grown-up."""
    if not person.is_minor:
        return ""
    name = person.sealed_name.strip() or "uw kind"
    about = f"Deze brief gaat over {name}, voor wie u zorgt."
    if kind == LetterKind.DAMAGE:
        conduct = f"Waar staat wat er gebeurde, bedoelen wij met “u” {name}."
        return f"{about} {conduct} Waar het over betalen gaat, bedoelen wij u als ouder of verzorger."
    return f"{about} U kunt {name} helpen om te antwoorden. Met “u” bedoelen wij hierna {name}."


# --- to who reported it, or who was hit -----------------------------------------------------------------


def receivers_of(incident: Incident) -> tuple[Receiver, ...]:
    """To whom the outcome can be written; the first is meant when nobody chose."""
    is_another = incident.affected_id is not None and incident.affected_id != incident.reporter_id
    if is_another or incident.affected_name:
        return (Receiver.HIT, Receiver.REPORTER)
    return (Receiver.REPORTER,)


def what_was_reported(incident: Incident, receiver: Receiver) -> str:
    """How the outcome begins, in words that are right for who reads it."""
    if receiver == Receiver.HIT:
        return "Iemand heeft bij ons gemeld wat u is overkomen. Wat u hebt meegemaakt, hoort niet bij uw werk."
    thanks = "Dank u wel daarvoor."
    if len(receivers_of(incident)) == 1 and incident.reporter_is == ReporterIs.SELF:
        return f"U hebt bij ons gemeld wat u is overkomen. {thanks} Wat u hebt meegemaakt, hoort niet bij uw werk."
    if incident.reporter_is == ReporterIs.WITNESS:
        return f"U hebt bij ons gemeld wat u hebt gezien. {thanks} Zulk gedrag hoort niet bij het werk."
    return f"U hebt bij ons gemeld wat iemand anders is overkomen. {thanks} Zulk gedrag hoort niet bij het werk."


# --- damage ---------------------------------------------------------------------------------------------


def damage_of(lines: Iterable[tuple[DamageLine, str]]) -> dict[str, str]:
    """What is still open, each line with its words ("" where those may not be told), and the sum."""
    still_open = [(line, words, line.amount - line.recovered) for line, words in lines if not line.is_finished]
    asked = [(_named(line, words), rest) for line, words, rest in still_open if rest > 0]
    if not asked:
        return {}
    written = "\n".join(f"{what}: {euros(rest)}" for what, rest in asked)
    if len(written) > LONG:
        written = f"{len(asked)} posten, samen {euros(sum(rest for _what, rest in asked))}"
    return {"schade": written, "schade_bedrag": euros(sum(rest for _what, rest in asked))}


def _named(line: DamageLine, words: str) -> str:
    with translation.override("nl"):
        kind = str(DamageKind(line.kind).label)
    what = " ".join(words.split()) or kind
    return f"{what} (van een medewerker)" if line.of == DamageOf.VICTIM else what
