"""Mail does not reach someone: another one hears of the work, and the administrators that it must be mended."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from incidents.actions.reminders.offices import Offices
from incidents.models import Alarm, Mail, News, Notice
from incidents.vocabulary import AlarmKind, MailTrouble
from vpdportal.accounts.access import memberships_at
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import Role

RESPONSIBLE = (Role.ADMINISTRATOR, Role.MANAGEMENT)


def mark_unreachable(*, mail: Mail, trouble: MailTrouble, now: datetime) -> None:
    """This mail was given up: its tasks go to who is on duty. In the caller's transaction, which wrote that it failed.

    Where the address is to blame nothing more is tried there until someone mends it (`User.mail_refused_at`).
    """
    person: User = mail.recipient
    if trouble in {MailTrouble.ADDRESS, MailTrouble.LATER}:
        User.objects.filter(pk=person.pk, mail_refused_at__isnull=True).update(mail_refused_at=now)
        for model in (Notice, News, Alarm):
            model._default_manager.filter(mail=mail, cancelled_at__isnull=True).update(mail=None)
    _warn(person, now)


def _warn(person: User, now: datetime) -> None:
    here = set(memberships_at(now).filter(user=person).values_list("organisation", flat=True))
    roles = memberships_at(now).filter(organisation__in=here, role__in=RESPONSIBLE).exclude(user=person)
    reached = list(roles.filter(user__mail_refused_at__isnull=True))
    # Management where no administrator can be reached.
    administrators = [one for one in reached if one.role == Role.ADMINISTRATOR] or reached
    offices = Offices(here, ())
    rows = [
        Alarm(
            organisation_id=one.organisation_id,
            kind=AlarmKind.MAIL_REFUSED,
            day=timezone.localdate(now),
            recipient_id=one.user_id,
            send_at=offices.office_of(one.organisation_id).after_quiet(now),
        )
        for one in administrators
    ]
    Alarm.objects.bulk_create(rows, ignore_conflicts=True)


def reach_again(*, people: Collection[UUID], now: datetime) -> None:
    """Mail may reach these people again: what waits for them goes with the next round. In the caller's transaction."""
    User.objects.filter(pk__in=people, mail_refused_at__isnull=False).update(mail_refused_at=None)
    waits = {"recipient__in": people, "mail__isnull": True, "cancelled_at__isnull": True}
    Notice.objects.filter(**waits, due_at__lte=now, send_at__gt=now).update(send_at=now)
    Alarm.objects.filter(**waits, send_at__gt=now).update(send_at=now)
    News.objects.filter(**waits, due_at__gt=now).update(due_at=now)
