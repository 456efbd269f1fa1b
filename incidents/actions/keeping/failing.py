"""What could not be done of keeping and destroying: logged, written down and told, so that it stops nothing else."""

import logging
from datetime import datetime
from uuid import UUID

from django.db import transaction

from incidents.actions.reminders.alarms import write_alarms
from incidents.vocabulary import AlarmKind
from vpdportal.accounts.access import memberships_at
from vpdportal.accounts.models import Organisation
from vpdportal.accounts.roles import Role
from vpdportal.audit.chain import record

log = logging.getLogger(__name__)

HEARING = (Role.ADVISER, Role.ADMINISTRATOR, Role.AUDITOR)


def write_failure(*, organisation: Organisation, case: UUID | None, what: str, error: Exception, now: datetime) -> None:
    """Log it and write it in the audit trail. Where even that fails, the log of the machine has it."""
    log.error("%s could not be done; it is tried again", what, exc_info=error)
    try:
        with transaction.atomic():
            record(
                action="retention.failed",
                now=now,
                actor_id=None,
                organisation_id=organisation.pk,
                object_type="incident",
                object_id=case,
                fields=[what, type(error).__name__],
            )
    except Exception:
        log.exception("a failure could not be written down")


def tell_of_failure(*, organisation: Organisation, now: datetime) -> None:
    """Tell who must see to it, once a day."""
    roles = memberships_at(now).filter(organisation=organisation, role__in=HEARING)
    people = {(organisation.pk, pk) for pk in roles.values_list("user", flat=True)}
    try:
        with transaction.atomic():
            write_alarms(people=people, kind=AlarmKind.RETENTION_FAILED, now=now)
    except Exception:
        log.exception("nobody could be told of a failure")
