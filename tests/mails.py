"""Mails as a round of the reminders leaves them."""

from typing import Any

from incidents.models import Mail
from incidents.vocabulary import MailStatus, MailTrouble
from tests import clock
from vpdportal.accounts.models import User


def mail_to(person: User, status: str = MailStatus.FAILED, **more: Any) -> Mail:
    now = clock.now()
    values = {
        "recipient": person,
        "created_at": now,
        "day": now.date(),
        "next_attempt_at": now,
        "status": status,
        "finished_at": None if status == MailStatus.WAITING else now,
        "attempts": 1,
        **more,
    }
    return Mail.objects.create(**values)


def failed_mail(person: User, **more: Any) -> Mail:
    """A mail that was given up: its address does not exist, unless told otherwise."""
    why = {"trouble": MailTrouble.ADDRESS, "failure": "SMTPRecipientsRefused 550"}
    return mail_to(person, **{**why, **more})
