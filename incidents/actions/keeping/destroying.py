"""Destroying what is due: a small transaction for each part of each case, so that a stop anywhere leaves it whole.

Inside one: the case is held, looked at once more, marked, emptied, counted. The files go after it; what a stop leaves
of them has no row any more and is found by the hourly tidying. What fails waits for the next day and stops nothing,
of this organisation or of another.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from incidents.actions.keeping.certificates import add_counts, open_round, seal_rounds
from incidents.actions.keeping.due import Due, due_of_case, goes_now
from incidents.actions.keeping.failing import tell_of_failure, write_failure
from incidents.actions.keeping.figures import destroy_figures
from incidents.actions.keeping.loose import destroy_loose
from incidents.actions.keeping.noted import note_keeping
from incidents.actions.keeping.old_log import destroy_log, destroy_log_of_installation
from incidents.actions.keeping.persons import let_persons_go
from incidents.actions.keeping.rows import Emptied, empty_part
from incidents.actions.together import hold_joined
from incidents.models import DestroyedPart, Incident
from incidents.vocabulary import KeptPart, TimelineKind
from vpdportal.accounts.models import Organisation, User

log = logging.getLogger(__name__)

REST: dict[str, Callable[..., int]] = {"loose": destroy_loose, "figures": destroy_figures, "log": destroy_log}


@dataclass
class Outcome:
    """What one run did: parts that went, and parts that could not."""

    destroyed: int = 0
    failed: int = 0


def destroy_due(*, now: datetime) -> Outcome:
    """Destroy what is due in every organisation. Safe to run at any time and any number at once."""
    outcome = Outcome()
    for organisation in Organisation.objects.all():
        failed_before = outcome.failed
        with _counted(outcome, organisation, None, "due", now):
            for one in goes_now(organisation, now):
                _try(organisation, one, outcome, now)
        _try_rest(organisation, outcome, now)
        with _counted(outcome, organisation, None, "certificate", now):
            seal_rounds(organisation=organisation, now=now)
        if outcome.failed > failed_before:
            tell_of_failure(organisation=organisation, now=now)
    _try_installation(outcome, now)
    return outcome


@contextmanager
def _counted(
    outcome: Outcome, organisation: Organisation, case: UUID | None, what: str, now: datetime
) -> Iterator[None]:
    """What fails inside is counted and written down, and goes no further."""
    try:
        yield
    except Exception as error:
        outcome.failed += 1
        write_failure(organisation=organisation, case=case, what=what, error=error, now=now)


def _try(organisation: Organisation, one: Due, outcome: Outcome, now: datetime) -> None:
    with _counted(outcome, organisation, one.case, one.part, now):
        outcome.destroyed += destroy(organisation=organisation, case=one.case, part=one.part, now=now)


def _try_rest(organisation: Organisation, outcome: Outcome, now: datetime) -> None:
    """What hangs under no case. The log last: it tells of the rest."""
    for name, destroy_it in REST.items():
        with _counted(outcome, organisation, None, name, now):
            destroy_it(organisation=organisation, now=now)


def _try_installation(outcome: Outcome, now: datetime) -> None:
    try:
        destroy_log_of_installation(now=now)
    except Exception:
        log.exception("the log of the installation could not be cut")
        outcome.failed += 1


def destroy(*, organisation: Organisation, case: UUID, part: KeptPart, now: datetime) -> bool:
    """Destroy one part of one case and of the reports that joined it; gives whether it was done now.

    Not when something happened since it was listed: all is looked at again with the case held.
    """
    with transaction.atomic():
        held = hold_joined(Incident.objects.get(pk=case))
        if not _still_goes(organisation, case, part, now):
            return False
        destroy_held(organisation=organisation, held=held, part=part, by=None, now=now)
    return True


def destroy_held(
    *, organisation: Organisation, held: dict[UUID, Incident], part: KeptPart, by: User | None, now: datetime
) -> None:
    """Empty this part of these reports, which the caller's transaction holds; counted, certified and written down.

    `by`: who did it on a request that was granted; None where the term had ended. The files go when it is settled.
    """
    emptied = Emptied()
    destruction = open_round(organisation=organisation, now=now)
    for pk in held:
        DestroyedPart.objects.update_or_create(
            incident_id=pk, part=part, defaults={"organisation": organisation, "destruction": destruction}
        )
    for incident in held.values():
        empty_part(incident, part, emptied)
    if part in {KeptPart.PERPETRATOR, KeptPart.VICTIM}:
        emptied.counts["Person"] += let_persons_go(held, now)
    emptied.counts[f"part.{part}"] += len(held)
    add_counts(destruction, emptied.counts)
    for pk in held:
        note_keeping(
            incident=pk,
            organisation=organisation.pk,
            kind=TimelineKind.PART_DESTROYED,
            action="retention.part_destroyed",
            by=by,
            now=now,
            fields=[part, f"number:{destruction.number}"],
        )
    transaction.on_commit(emptied.remove_files)


def _still_goes(organisation: Organisation, case: UUID, part: KeptPart, now: datetime) -> bool:
    """Who it happened to only when nothing else of the case is left: what failed today keeps that part too."""
    _case, left = due_of_case(organisation, case, now)
    if part == KeptPart.VICTIM and len(left) > 1:
        return False
    today = timezone.localdate(now)
    return any(one.part == part and one.goes_on(today) for one in left)
