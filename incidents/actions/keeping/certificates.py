"""The proof of one round of destroying: what was agreed, of which cases what went, how much of it; no content."""

import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from incidents.actions.keeping.terms import terms_of
from incidents.models import Destruction
from incidents.vocabulary import KeptPart
from vpdportal.accounts.models import Organisation
from vpdportal.audit.chain import record


def open_round(*, organisation: Organisation, now: datetime) -> Destruction:
    """The round that is not sealed yet, held; else a new one. In the caller's transaction, with the case held."""
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    running = Destruction.objects.select_for_update(no_key=True).filter(organisation=organisation, digest="").first()
    if running is not None:
        return running
    mine = Destruction.objects.filter(organisation=organisation)
    number = (mine.aggregate(last=Max("number"))["last"] or 0) + 1
    terms, today = terms_of(organisation), timezone.localdate(now)
    held = {part.value: months for part in KeptPart if (months := terms.months(part, today)) is not None}
    return Destruction.objects.create(organisation=organisation, number=number, at=now, terms=held)


def add_counts(destruction: Destruction, gone: Mapping[str, int]) -> None:
    """Count what went in this round, in the caller's transaction, who holds it."""
    total = Counter(destruction.counts)
    total.update(gone)
    destruction.counts = dict(sorted((+total).items()))
    destruction.save(update_fields=["counts"])


def seal_rounds(*, organisation: Organisation, now: datetime) -> int:
    """Fix what the rounds that ended say: its digest stands in the row and in the audit trail. Gives how many."""
    count = 0
    with transaction.atomic():
        Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
        for destruction in Destruction.objects.filter(organisation=organisation, digest="").order_by("number"):
            destruction.digest = sha256(statement_of(destruction).encode()).hexdigest()
            destruction.save(update_fields=["digest"])
            record(
                action="retention.destroyed",
                now=now,
                actor_id=None,
                organisation_id=organisation.pk,
                object_type="destruction",
                object_id=destruction.pk,
                fields=[f"number:{destruction.number}", f"sha256:{destruction.digest}"],
            )
            count += 1
    return count


def statement_of(destruction: Destruction) -> str:
    """What the digest is of, as canonical JSON. Of which cases stands in the audit trail, case by case."""
    said = {
        "organisation": str(destruction.organisation_id),
        "number": destruction.number,
        "at": destruction.at.astimezone(UTC).isoformat(),
        "terms": destruction.terms,
        "counts": destruction.counts,
    }
    return json.dumps(said, sort_keys=True, separators=(",", ":"))


def is_as_sealed(destruction: Destruction) -> bool:
    """Whether the certificate still says what was sealed."""
    return sha256(statement_of(destruction).encode()).hexdigest() == destruction.digest
