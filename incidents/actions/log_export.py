"""Taking the audit log out of the portal, as it is narrowed on the page; that is itself written in it first."""

from datetime import datetime

from django.db import models, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from incidents.actions.refusals import Refused
from incidents.vocabulary.audit import LOG_EXPORTED
from vpdportal.accounts.models import Organisation, User
from vpdportal.audit.chain import record
from vpdportal.audit.models import AuditEvent

MOST = 10_000  # events of one file [OWN]: a month of a busy desk; more is a copy of the log


class LogFile(models.TextChoices):
    CSV = "csv", _("Text with semicolons (.csv)")
    ODS = "ods", _("OpenDocument (.ods)")


class NoEvents(Refused):
    message = _("No events fit these filters, so there is nothing to take out.")


class TooManyEvents(Refused):
    message = _("More than 10,000 events fit this. Choose a shorter period, and take the log out in parts.")


def export_log(
    *,
    events: QuerySet[AuditEvent],
    filters: list[str],
    file: LogFile,
    organisation: Organisation,
    by: User,
    now: datetime,
) -> list[AuditEvent]:
    """These events, which `by` may read. The log then says that, how many, and by which filters (their names).

    Raises NoEvents, TooManyEvents; then nothing may leave.
    """
    with transaction.atomic():
        rows = list(events[: MOST + 1])
        if not rows:
            raise NoEvents
        if len(rows) > MOST:
            raise TooManyEvents
        record(
            action=LOG_EXPORTED,
            now=now,
            actor_id=by.pk,
            organisation_id=organisation.pk,
            object_type="organisation",
            object_id=organisation.pk,
            fields=[f"file:{file}", f"rows:{len(rows)}", *filters],
        )
    return rows
