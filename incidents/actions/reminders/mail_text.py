"""What a mail says: a number and a link, nothing else. Not what happened, not to whom, not which task or message.

Only a receipt says what it is, to who sent the report: that it came in is what that person waits for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import cache
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from incidents.actions.reminders.alarm_words import words_of
from incidents.actions.reminders.mail_choices import unsubscribe_address
from incidents.actions.reminders.mail_contents import Case, CaseTasks, Contents, contents_of
from incidents.models import Alarm, Mail, News, Notice
from incidents.vocabulary import NewsKind
from vpdportal.accounts.models import Organisation, User

MOST_LINES = 50  # of one mail; the rest is counted


@dataclass(frozen=True)
class Line:
    text: str
    link: str


@dataclass(frozen=True)
class Section:
    title: str
    lines: list[Line]
    more: str = ""


def compose(
    mail: Mail, notices: Sequence[Notice], news: Sequence[News], alarms: Sequence[Alarm], now: datetime
) -> EmailMultiAlternatives:
    """The mail about these rows, in the recipient's language, as text and HTML, with the mail's id as Message-ID.

    The subject counts tasks when there are any, and else says that there is something to read, or that it is a receipt.
    """
    recipient: User = mail.recipient
    contents = contents_of(mail, notices, news, alarms, now)
    with translation.override(recipient.language):
        subject = _subject(contents)
        said = {
            "language": recipient.language,
            "subject": subject,
            "opening": _opening(contents),
            "sections": [section for section in _sections(contents) if section.lines],
            "choices": settings.PORTAL_URL + reverse("my_mails"),
        }
        text = render_to_string("mail/reminders.txt", said)
        html = render_to_string("mail/reminders.html", said)
    headers = {
        "Message-ID": f"<{mail.pk}@vpd-portal.invalid>",
        "Date": format_datetime(now),
        "Auto-Submitted": "auto-generated",
    }
    if contents.choice:  # not in the text: no mail tells by its words what it is about
        stop = unsubscribe_address(recipient, contents.choice)
        headers |= {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    message = EmailMultiAlternatives(subject=subject, body=text, to=[recipient.email], headers=headers)
    message.attach_alternative(html, "text/html")
    return message


def _subject(contents: Contents) -> str:
    if contents.is_receipt:
        return _("VPD portal: receipt")
    if contents.is_overview:
        return _("VPD portal: a new overview is there")
    if contents.alarms and not contents.tasks:
        return _("VPD portal: something needs you")
    if not contents.tasks:
        return _("VPD portal: there is something to read")
    text = ngettext("VPD portal: %(count)s task for you", "VPD portal: %(count)s tasks for you", contents.tasks)
    if contents.late:
        text += _(", too late") if contents.late == contents.tasks else _(", %(late)s too late")
    return text % {"count": contents.tasks, "late": contents.late}


def _opening(contents: Contents) -> str:
    if contents.is_receipt:
        return _("This is a receipt from the VPD portal.")
    if contents.tasks:
        return _("There is work for you in the VPD portal.")
    if contents.alarms:
        return _("Something in the VPD portal needs your attention.")
    return _("There is something for you to read in the VPD portal.")


def _sections(contents: Contents) -> Iterator[Section]:
    yield Section("", list(_alarm_lines(contents)))
    late = [case for case in contents.cases if case.late]
    today = [case for case in contents.cases if not case.late and case.today]
    later = [case for case in contents.cases if not case.late and not case.today]
    room = MOST_LINES
    for title, cases in ((_("Too late"), late), (_("Today"), today), (_("Later"), later)):
        shown = cases[:room]
        room -= len(shown)
        yield Section(title, [_case_line(case) for case in shown], _more(len(cases) - len(shown)))
    yield Section(_("To read"), [*_reading_lines(contents), *_overview_lines(contents)])
    gone = _("%(number)s: a task is no longer yours")
    yield Section(_("No longer yours"), [_line(gone, case) for case in contents.gone])


def _more(count: int) -> str:
    if not count:
        return ""
    text = ngettext("And %(count)s more report: see the portal.", "And %(count)s more reports: see the portal.", count)
    return text % {"count": count}


def _case_line(case: CaseTasks) -> Line:
    text = ngettext("%(number)s: %(count)s task", "%(number)s: %(count)s tasks", len(case.tasks))
    if case.late and len(case.tasks) > len(case.late):
        text += _(", %(late)s too late")
    return _line(text, case.case, count=len(case.tasks), late=len(case.late))


def _reading_lines(contents: Contents) -> Iterator[Line]:
    for case, kinds in contents.told.items():
        if NewsKind.RECEIVED in kinds:
            yield _line(_("Your report %(number)s has come in."), case)
        if kinds - {NewsKind.RECEIVED}:
            yield _line(_("%(number)s: something to read"), case)


def _alarm_lines(contents: Contents) -> Iterator[Line]:
    for organisation, kinds in contents.alarms.items():
        yield from (Line(text, link) for text, link in words_of(organisation, kinds))


def _overview_lines(contents: Contents) -> Iterator[Line]:
    """The link says all; the organisation is named only to who has one of several."""
    for organisation in contents.overviews:
        text = _("A new overview is there")
        if len(contents.overviews) > 1:
            text = _("%(name)s: a new overview is there") % {"name": organisation.name}
        yield Line(text, _overview_of(organisation))


def _overview_of(organisation: Organisation) -> str:
    return settings.PORTAL_URL + reverse("overview_latest", args=[organisation.slug])


def _line(text: str, case: Case, **numbers: int) -> Line:
    return Line(text % {"number": case.reference, **numbers}, settings.PORTAL_URL + _door().format(case.pk))


@cache
def _door() -> str:
    """The path to a case, with {} for its id. Made once: in a mail with fifty lines it takes a tenth of the time."""
    nowhere = UUID(int=0)
    return reverse("door", args=[nowhere]).replace(str(nowhere), "{}")
