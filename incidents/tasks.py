"""Celery's entry points: thin, without arguments, safe to run twice. The work is in incidents.actions."""

from celery import shared_task

from incidents.actions.delivery import sweep as sweep_once
from incidents.actions.evidence import remove_unclaimed_evidence
from vpdportal import clock


@shared_task
def sweep() -> None:
    """Each minute: plan, bundle and send what is due."""
    sweep_once(now=clock.now())


@shared_task
def tidy() -> None:
    """Each hour: remove files of forms that were never sent."""
    remove_unclaimed_evidence(now=clock.now())
