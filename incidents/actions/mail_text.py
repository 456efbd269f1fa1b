"""What a mail says: a number and a link, nothing else. Not what happened, not to whom, not which task or message."""

from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from incidents.models import Incident, Mail, News, Notice
from vpdportal.accounts.models import User


def compose(mail: Mail, notices: Sequence[Notice], news: Sequence[News], now: datetime) -> EmailMessage:
    """The mail about these notices and this news, in the recipient's language, with the mail's id as Message-ID.

    The subject counts tasks when there are any, and else says that there is something to read.
    """
    recipient: User = mail.recipient
    tasks: dict[Incident, set[object]] = {}
    for notice in notices:
        tasks.setdefault(notice.task.incident, set()).add(notice.task_id)
    to_read = dict.fromkeys(row.incident for row in news)
    with translation.override(recipient.language):
        lines = [
            _line(incident, len(tasks.get(incident, ())), incident in to_read) for incident in {**tasks, **to_read}
        ]
        return EmailMessage(
            subject=_subject(sum(map(len, tasks.values()))),
            body="\n\n".join([_opening(bool(tasks)), *lines, _closing()]) + "\n",
            to=[recipient.email],
            headers={
                "Message-ID": f"<{mail.pk}@vpd-portal.invalid>",
                "Date": format_datetime(now),
                "Auto-Submitted": "auto-generated",
            },
        )


def _subject(tasks: int) -> str:
    if not tasks:
        return _("VPD portal: there is something to read")
    text = ngettext("VPD portal: %(count)s task for you", "VPD portal: %(count)s tasks for you", tasks)
    return text % {"count": tasks}


def _opening(has_tasks: bool) -> str:
    if has_tasks:
        return _("There is work for you in the VPD portal.")
    return _("There is something for you to read in the VPD portal.")


def _closing() -> str:
    return _("For your safety and that of others this mail says no more. Sign in to read on.")


def _line(incident: Incident, tasks: int, is_to_read: bool) -> str:
    if not tasks:
        text = _("%(number)s: something to read")
    elif is_to_read:
        text = ngettext(
            "%(number)s: %(count)s task, and something to read",
            "%(number)s: %(count)s tasks, and something to read",
            tasks,
        )
    else:
        text = ngettext("%(number)s: %(count)s task", "%(number)s: %(count)s tasks", tasks)
    link = settings.PORTAL_URL + reverse("door", args=[incident.pk])
    return text % {"number": incident.reference, "count": tasks} + f"\n{link}"
