"""Mail does not reach someone: another one hears of the work, and the administrators that it must be mended."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from incidents.actions.reminders.alarms import warn_administrators
from incidents.models import Alarm, Mail, News, Notice
from incidents.vocabulary import MailTrouble
from vpdportal.accounts.models import User


def mark_unreachable(*, mail: Mail, trouble: MailTrouble, now: datetime) -> None:
    """This mail was given up: its tasks go to who is on duty. In the caller's transaction, which wrote that it failed.

    Where the address is to blame nothing more is tried there until someone mends it (`User.mail_refused_at`).
    """
    person: User = mail.recipient
    if trouble in {MailTrouble.ADDRESS, MailTrouble.LATER}:
        User.objects.filter(pk=person.pk, mail_refused_at__isnull=True).update(mail_refused_at=now)
        for model in (Notice, News, Alarm):
            model._default_manager.filter(mail=mail, cancelled_at__isnull=True).update(mail=None)
    warn_administrators(person=person, now=now)


def reach_again(*, people: Collection[UUID], now: datetime) -> None:
    """Mail may reach these people again: what waits for them goes with the next round. In the caller's transaction."""
    User.objects.filter(pk__in=people, mail_refused_at__isnull=False).update(mail_refused_at=None)
    waits = {"recipient__in": people, "mail__isnull": True, "cancelled_at__isnull": True}
    Notice.objects.filter(**waits, due_at__lte=now, send_at__gt=now).update(send_at=now)
    Alarm.objects.filter(**waits, send_at__gt=now).update(send_at=now)
    News.objects.filter(**waits, due_at__gt=now).update(due_at=now)
