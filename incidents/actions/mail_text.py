"""What a mail says: a number and a link, nothing else. Not what happened, not to whom, not which task or message.

Only a receipt says what it is, to who sent the report: that it came in is what that person waits for.
"""

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
from incidents.vocabulary import NewsKind
from vpdportal.accounts.models import User


def compose(mail: Mail, notices: Sequence[Notice], news: Sequence[News], now: datetime) -> EmailMessage:
    """The mail about these notices and this news, in the recipient's language, with the mail's id as Message-ID.

    The subject counts tasks when there are any, and else says that there is something to read, or that it is a receipt.
    """
    recipient: User = mail.recipient
    tasks: dict[Incident, set[object]] = {}
    for notice in notices:
        tasks.setdefault(notice.task.incident, set()).add(notice.task_id)
    told: dict[Incident, set[str]] = {}
    for row in news:
        told.setdefault(row.incident, set()).add(row.kind)
    is_receipt = not tasks and all(kinds == {NewsKind.RECEIVED} for kinds in told.values())
    with translation.override(recipient.language):
        parts = [_part(incident, len(tasks.get(incident, ())), told.get(incident, set())) for incident in tasks | told]
        return EmailMessage(
            subject=_subject(sum(map(len, tasks.values())), is_receipt),
            body="\n\n".join([_opening(bool(tasks), is_receipt), *parts, _closing()]) + "\n",
            to=[recipient.email],
            headers={
                "Message-ID": f"<{mail.pk}@vpd-portal.invalid>",
                "Date": format_datetime(now),
                "Auto-Submitted": "auto-generated",
            },
        )


def _subject(tasks: int, is_receipt: bool) -> str:
    if is_receipt:
        return _("VPD portal: receipt")
    if not tasks:
        return _("VPD portal: there is something to read")
    text = ngettext("VPD portal: %(count)s task for you", "VPD portal: %(count)s tasks for you", tasks)
    return text % {"count": tasks}


def _opening(has_tasks: bool, is_receipt: bool) -> str:
    if is_receipt:
        return _("This is a receipt from the VPD portal.")
    if has_tasks:
        return _("There is work for you in the VPD portal.")
    return _("There is something for you to read in the VPD portal.")


def _closing() -> str:
    return _("For your safety and that of others this mail says no more. Sign in to read on.")


def _part(incident: Incident, tasks: int, told: set[str]) -> str:
    """What there is of one case, and the link to it."""
    lines = [_("Your report %(number)s has come in.")] if NewsKind.RECEIVED in told else []
    is_to_read = bool(told - {NewsKind.RECEIVED})
    if tasks or is_to_read:
        lines.append(_line(tasks, is_to_read))
    known = {"number": incident.reference, "count": tasks}
    link = settings.PORTAL_URL + reverse("door", args=[incident.pk])
    return "\n".join([*(line % known for line in lines), link])


def _line(tasks: int, is_to_read: bool) -> str:
    text: str
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
    return text
