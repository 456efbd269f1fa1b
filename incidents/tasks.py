"""Celery's entry points: thin, without arguments, safe to run twice. The work is in incidents.actions."""

import logging
from collections.abc import Callable

from celery import shared_task

from incidents.actions.data_requests.due import warn_of_requests
from incidents.actions.data_requests.letting_go import let_answers_go
from incidents.actions.drafts import remove_old_drafts
from incidents.actions.evidence_scanning import rescan_evidence
from incidents.actions.evidence_tidying import remove_orphan_files, remove_unclaimed_evidence
from incidents.actions.importing.carrying_out import carry_out_all
from incidents.actions.importing.sheets import remove_old_sheets
from incidents.actions.keeping.daily import run_of_today
from incidents.actions.leavers import give_back_of_leavers, give_out_ownerless
from incidents.actions.letter_files import remove_orphan_letters
from incidents.actions.offline import remove_old_locks
from incidents.actions.reaction_ends import end_expired, plan_reviews
from incidents.actions.reminders.sweep import sweep as sweep_once
from incidents.overview.log_sample import review_due
from incidents.overview.releases import release_due
from vpdportal import clock
from vpdportal.accounts.signing_in.sessions import remove_ended_sessions
from vpdportal.audit.anchors import anchor_each_day

log = logging.getLogger(__name__)
HOURLY: tuple[Callable[..., object], ...] = (
    give_back_of_leavers,
    give_out_ownerless,
    remove_old_drafts,
    remove_unclaimed_evidence,
    remove_old_locks,
    remove_old_sheets,
    remove_ended_sessions,
    remove_orphan_files,
    remove_orphan_letters,
    rescan_evidence,
    end_expired,
    plan_reviews,
    warn_of_requests,
    let_answers_go,
    run_of_today,
    anchor_each_day,
    review_due,
)


@shared_task
def sweep() -> None:
    """Each minute: plan, bundle and send what is due."""
    sweep_once(now=clock.now())


@shared_task
def tidy() -> None:
    """Each hour: remove what was never sent, and what no longer opens anything; scan what was not scanned.

    Give to who is on duty what waits for people who left, or for nobody. End the measures that are past their last day,
    and plan the next review of what runs on. Once a day, in a quiet hour: destroy what is due. Once
    a day: write down how far the audit log goes. Once a month: draw what the officer looks at.

    One part that breaks keeps no other back. Raises the first thing that broke.
    """
    broken = []
    for part in HOURLY:
        try:
            part(now=clock.now())
        except Exception as error:
            log.exception("a part of the hourly work broke: %s", part.__name__)
            broken.append(error)
    if broken:
        raise broken[0]


@shared_task
def fix_overviews() -> None:
    """Each hour: fix the numbers of the month that ended, on the first working day after it.

    Apart from tidying: the first time it catches up with years, which takes long.
    """
    release_due(now=clock.now())


@shared_task
def bring_in() -> None:
    """Each minute: go on with the large sheets of earlier registrations. Apart from the sweep, which may not wait."""
    carry_out_all(now=clock.now())
