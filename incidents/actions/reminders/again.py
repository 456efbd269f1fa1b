"""Send again what was given up. Whether it may still be told, and to whom, the next round judges anew."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from incidents.actions.reminders.unreachable import reach_again
from incidents.models import Mail
from incidents.vocabulary import MailStatus
from vpdportal.accounts.models import Membership, Organisation, User
from vpdportal.audit.chain import record

AT_MOST = 500  # at one click: each leaves a row in the audit trail, and somebody waits for the answer


def mails_to(organisation: Organisation) -> QuerySet[Mail]:
    """The mails to people who have or had a role in the organisation."""
    roles = Membership.objects.filter(user=OuterRef("recipient"), organisation=organisation)
    return Mail.objects.filter(Exists(roles))


def send_again(*, mail: Mail, organisation: Organisation, by: User, now: datetime) -> bool:
    """Let the next round try this mail again, as if it was never tried; False when it was not given up (any more)."""
    return bool(_put_back(mails_to(organisation).filter(pk=mail.pk), organisation, by, now))


def send_all_again(*, organisation: Organisation, by: User, now: datetime) -> int:
    """Let the next round try all mails again that were given up, to people of the organisation, the oldest first.

    Gives how many; no more than AT_MOST, so that it has to be asked again when there are more.
    """
    return _put_back(mails_to(organisation), organisation, by, now)


def _put_back(mails: QuerySet[Mail], organisation: Organisation, by: User, now: datetime) -> int:
    with transaction.atomic():
        failed = mails.filter(status=MailStatus.FAILED).order_by("finished_at", "id")
        rows = list(failed.select_for_update(of=("self",), no_key=True)[:AT_MOST])  # a second click finds none of them
        Mail.objects.filter(pk__in=[mail.pk for mail in rows]).update(
            status=MailStatus.WAITING,
            attempts=0,
            next_attempt_at=now,
            finished_at=None,
            claim=None,
            leased_until=None,
            trouble="",
            failure="",
        )
        people = {mail.recipient_id for mail in rows}
        reach_again(people=people, now=now)
        for mail in rows:
            record(
                action="mail.again",
                now=now,
                actor_id=by.pk,
                organisation_id=organisation.pk,
                object_type="mail",
                object_id=mail.pk,
            )
    return len(rows)
