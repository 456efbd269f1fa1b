"""The demonstration's mail server: a page in the portal. Nothing leaves this machine."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from vpdportal import clock
from vpdportal.demo.models import MailboxMessage


class MailboxBackend(BaseEmailBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Keep the messages for the mailbox page; gives their number."""
        now = clock.now()
        rows = [
            MailboxMessage(
                message_id=str(message.extra_headers.get("Message-ID", "")),
                sent_at=now,
                to=address,
                subject=str(message.subject),
                body=str(message.body),
            )
            for message in email_messages
            for address in message.to
        ]
        MailboxMessage.objects.bulk_create(rows)
        return len(email_messages)
