"""What a mail says: a number and a link, nothing else. Not what happened, not to whom, not which task."""

from collections.abc import Iterable
from datetime import datetime
from email.utils import format_datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from incidents.models import Incident, Mail, Notice
from vpdportal.accounts.models import User


def compose(mail: Mail, notices: Iterable[Notice], now: datetime) -> EmailMessage:
    """The mail about these notices, in the recipient's language, with the mail's id as Message-ID."""
    recipient: User = mail.recipient
    incidents: dict[Incident, set[object]] = {}
    for notice in notices:
        incidents.setdefault(notice.task.incident, set()).add(notice.task_id)
    total = sum(len(tasks) for tasks in incidents.values())
    with translation.override(recipient.language):
        subject = ngettext("VPD portal: %(count)s task for you", "VPD portal: %(count)s tasks for you", total)
        lines = [_line(incident, len(tasks)) for incident, tasks in incidents.items()]
        body = "\n\n".join(
            [
                _("There is work for you in the VPD portal."),
                *lines,
                _("For your safety and that of others this mail says no more. Sign in to read on."),
            ]
        )
        return EmailMessage(
            subject=subject % {"count": total},
            body=body + "\n",
            to=[recipient.email],
            headers={
                "Message-ID": f"<{mail.pk}@vpd-portal.invalid>",
                "Date": format_datetime(now),
                "Auto-Submitted": "auto-generated",
            },
        )


def _line(incident: Incident, tasks: int) -> str:
    text = ngettext("%(number)s: %(count)s task", "%(number)s: %(count)s tasks", tasks)
    link = settings.PORTAL_URL + reverse("door", args=[incident.pk])
    return text % {"number": incident.reference, "count": tasks} + f"\n{link}"
