"""The words of a case as keyed hashes, so that a case is found by its words while nobody can read them (ADR 15).

Each distinct word of four letters or more, without capitals and accents, as HMAC-SHA256 with a key of the
organisation, cut to 12 hex digits: 48 bits are enough to tell the words of a language apart, and say nothing of how
often or in which order they stood. Searched where the database has an index for it.
"""

import hmac
from collections.abc import Iterable
from uuid import UUID

from django.db import connection

from incidents.models import CaseWords, Incident, Statement
from incidents.person_keys import plain_words, words_key

SHORTEST = 4  # letters: shorter ones (een, dat, was) are in every case
DIGITS = 12  # hexadecimal, of each hash


def can_search_words() -> bool:
    """Whether this database can look for words: PostgreSQL has an index for it (migration 0007)."""
    return connection.vendor == "postgresql"


def digests_of_words(texts: Iterable[str], organisation_id: UUID) -> list[str]:
    """The hashes of the distinct words that are long enough, sorted: their order tells nothing."""
    words = {word for text in texts for word in plain_words(text) if len(word) >= SHORTEST}
    key = words_key(organisation_id)
    return sorted({hmac.digest(key, word.encode(), "sha256").hex()[:DIGITS] for word in words})


def index_words(incident: Incident) -> None:
    """Keep the hashes of the words of this case: story, place, description, and what was added since.

    In the caller's transaction. Nothing where words cannot be searched: what is of no use is not kept.
    """
    if not can_search_words():
        return
    added = [statement.text for statement in Statement.objects.filter(incident=incident).only("incident", "text")]
    texts = [incident.story, incident.place, incident.perpetrator_description, *added]
    digests = digests_of_words(texts, incident.organisation_id)
    words = CaseWords(incident=incident, organisation_id=incident.organisation_id, digests=digests)
    CaseWords.objects.bulk_create([words], update_conflicts=True, unique_fields=["incident"], update_fields=["digests"])
