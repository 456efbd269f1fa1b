"""A link to choose a password, through the queue of mails: asking for it costs no time that tells who has an account.

The link is made when the mail goes out, and stands nowhere before.
"""

from datetime import datetime
from email.utils import format_datetime

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from incidents.models import Mail
from incidents.vocabulary import MailKind, MailStatus
from vpdportal.accounts.models import User


def ask_password_mail(*, user: User, now: datetime) -> None:
    """Let the next round (within a minute) mail this person a link; one that waits already is enough."""
    waiting = Mail.objects.filter(recipient=user, kind=MailKind.PASSWORD, status=MailStatus.WAITING)
    if not waiting.exists():
        Mail.objects.create(
            recipient=user,
            kind=MailKind.PASSWORD,
            created_at=now,
            day=timezone.localdate(now),
            next_attempt_at=now,
        )


def compose_password_mail(mail: Mail, now: datetime) -> EmailMessage:
    """In the language of the account; the link works once, for settings.PASSWORD_RESET_TIMEOUT seconds."""
    user: User = mail.recipient
    said = {
        "portal": settings.PORTAL_URL,
        "uid": urlsafe_base64_encode(force_bytes(user.pk)),
        "token": default_token_generator.make_token(user),
    }
    with translation.override(user.language):
        subject = render_to_string("accounts/password_subject.txt").strip()
        body = render_to_string("accounts/password_mail.txt", said)
    headers = {
        "Message-ID": f"<{mail.pk}@vpd-portal.invalid>",
        "Date": format_datetime(now),
        "Auto-Submitted": "auto-generated",
    }
    return EmailMessage(subject=subject, body=body, to=[user.email], headers=headers)
