"""What was done with a report and what comes next, in the plain words of the status page.

Only what a reporter may know of has a sentence here; what has none is not shown. Nothing about the perpetrator, nothing
that is only intended, nothing that waits because the police ask so (design of access, matrix G6-G8).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents.models import Task, TimelineEntry
from incidents.views.own_report import OwnReport
from incidents.views.roles_then import RolesThen
from incidents.vocabulary import TimelineKind


@dataclass(frozen=True)
class Words:
    """A task as the person hears of it: while it is still to come (None: not then), and when it was done."""

    coming: Any
    done: Any


FIRST_CALL = ("R03", 0)
# Said once, of whatever was the first: not which reaction it was, nor how many there were.
REACTION = gettext_lazy("There was a reaction to the person who did it.")
PREVENTION = gettext_lazy("Something was done so that it happens less.")
ABOUT_SOMEONE = {14, 15}  # what of prevention is about a person: care, and crime that undermines
# By code and step of the menu. What tells the reporter something, whoever it happened to:
OF_REPORTER = {
    FIRST_CALL: Words(gettext_lazy("Your VPD adviser calls you."), gettext_lazy("You were called.")),
    ("R03", 1): Words(gettext_lazy("You hear what was done."), gettext_lazy("You were told what was done.")),
}
# What is for the person hit:
OF_PERSON_HIT = {
    **OF_REPORTER,
    ("N01", 0): Words(
        gettext_lazy("Someone comes to ask how you are."), gettext_lazy("Someone came to ask how you are.")
    ),
    ("N02", 0): Words(
        gettext_lazy("Someone talks with you about what happened, and about what you need."),
        gettext_lazy("Someone talked with you about what happened, and about what you need."),
    ),
    ("N03", 0): Words(
        gettext_lazy("There is a second talk with you: how is it going now?"),
        gettext_lazy("There was a second talk with you."),
    ),
    ("N04", 0): Words(
        gettext_lazy("There is a third talk with you: how is it going now?"),
        gettext_lazy("There was a third talk with you."),
    ),
    ("N05", 0): Words(
        gettext_lazy("Someone asks you whether you still have trouble because of it."),
        gettext_lazy("Someone asked you whether you still have trouble because of it."),
    ),
    ("N06", 0): Words(
        gettext_lazy("There is a last talk with you: was everything done that you need?"),
        gettext_lazy("There was a last talk with you."),
    ),
    ("R11", 0): Words(
        gettext_lazy("Your organisation reports it to the police."),
        gettext_lazy("Your organisation reported it to the police."),
    ),
    ("R12", 0): Words(
        gettext_lazy("You can report it to the police. Someone comes with you, if you want."),
        gettext_lazy("It was reported to the police, together with you."),
    ),
    ("N07", 0): Words(
        gettext_lazy("You are offered a talk with the support team of colleagues."),
        gettext_lazy("You were offered a talk with the support team of colleagues."),
    ),
    ("N08", 0): Words(
        gettext_lazy("You are offered professional help, if you want."),
        gettext_lazy("You were offered professional help."),
    ),
    ("N09", 0): Words(
        gettext_lazy("You are told how to reach the company doctor."),
        gettext_lazy("You were told how to reach the company doctor."),
    ),
    ("N10", 0): Words(
        gettext_lazy("You are told about help and money for who was hit."),
        gettext_lazy("You were told about help and money for who was hit."),
    ),
    ("N11", 0): Words(
        gettext_lazy("The colleagues who saw it get help as well."),
        gettext_lazy("The colleagues who saw it got help as well."),
    ),
    ("N12", 0): Words(
        gettext_lazy("Help is offered to the people close to you."),
        gettext_lazy("Help was offered to the people close to you."),
    ),
    ("N13", 0): Words(
        gettext_lazy("You are told about the support team for office holders."),
        gettext_lazy("You were told about the support team for office holders."),
    ),
    ("N14", 0): Words(None, gettext_lazy("Your organisation reported it to the Labour Inspectorate.")),
    ("N16", 0): Words(
        gettext_lazy("It is looked at whether your work must be adapted."), gettext_lazy("Your work was adapted.")
    ),
    ("N17", 0): Words(
        gettext_lazy("You are offered a medical check."), gettext_lazy("You were offered a medical check.")
    ),
    ("R13", 0): Words(None, gettext_lazy("Your organisation told the police about it.")),
    ("R14", 0): Words(gettext_lazy("The evidence is kept safe."), gettext_lazy("The evidence was kept safe.")),
    ("R15", 0): Words(None, gettext_lazy("It was asked to take it off the internet.")),
    ("R16", 0): Words(
        gettext_lazy("It is looked at what the damage costs."), gettext_lazy("It was looked at what the damage costs.")
    ),
    ("R16", 1): Words(None, gettext_lazy("It was asked that the damage is paid.")),
    **{(code, 0): Words(None, REACTION) for code in ("R04", "R05", "R06", "R07", "R08", "R09", "R17")},
    **{(f"P{number:02}", 0): Words(None, PREVENTION) for number in range(1, 18) if number not in ABOUT_SOMEONE},
    ("P03", 1): Words(None, PREVENTION),
}
# What happened to the report, whoever did it. Not that a colleague was asked as a witness: that would tell who has an
# account, which the answer to the asking does not (views/witness.py).
BY_ANYONE = {
    TimelineKind.SEVERITY_CONFIRMED: gettext_lazy("The report was read, and it was looked at how serious it is."),
    TimelineKind.CLOSED: gettext_lazy("The report was closed."),
    TimelineKind.REOPENED: gettext_lazy("The report was opened again."),
    TimelineKind.BECAME_INCIDENT: gettext_lazy("The near miss is now treated as an incident."),
    TimelineKind.VISIBILITY_CHANGED: gettext_lazy("It was changed who may see the report."),
}
BY_VIEWER = {
    TimelineKind.REPORTED: gettext_lazy("You sent the report."),
    TimelineKind.STATEMENT_ADDED: gettext_lazy("You added something."),
    TimelineKind.EVIDENCE_ADDED: gettext_lazy("You added a file."),
    TimelineKind.FACTS_ADDED: gettext_lazy("You answered questions."),
    TimelineKind.SUPPORT_ASKED: gettext_lazy("You asked for help."),
    TimelineKind.VISIBILITY_CHANGED: gettext_lazy("You changed who may see the report."),
    TimelineKind.HELPED_ANSWERED: gettext_lazy("You told whether you were helped."),
    TimelineKind.REOPENED: gettext_lazy("You opened the report again."),
    TimelineKind.CARE_ACCEPTED: gettext_lazy("You said that the moment is good."),
    TimelineKind.CARE_DECLINED: gettext_lazy("You said that you do not want a talk."),
    TimelineKind.CARE_ASKED: gettext_lazy("You asked for a talk, or for another moment."),
}
# What the reporter did before the person hit came in.
BY_REPORTER = {
    TimelineKind.REPORTED: gettext_lazy("Someone reported it for you."),
    TimelineKind.STATEMENT_ADDED: gettext_lazy("The one who reported it added something."),
    TimelineKind.SUPPORT_ASKED: gettext_lazy("Help was asked for you."),
}
# The kinds of which anything is ever told here.
TOLD = {TimelineKind.TASK_DONE, TimelineKind.AFFECTED_LINKED, *BY_ANYONE, *BY_VIEWER, *BY_REPORTER}
MOST = 100  # of them on the page: who asks for more, asks for all of the own data


@dataclass(frozen=True)
class Line:
    """One thing on the line: when, what, and by which role (empty: the person who looks)."""

    at: datetime | None
    text: Any
    by: Any = ""
    is_late: bool = False
    is_first_call: bool = False


def what_comes(own: OwnReport, now: datetime) -> list[Line]:
    """What is still to be done that this person may know of, the nearest first. One query."""
    incident, words = own.incident, {what: one for what, one in _words_for(own).items() if one.coming}
    tasks = Task.objects.unfinished().filter(incident=incident, code__in={code for code, _step in words})
    shown = tasks.filter(is_on_hold=False).order_by("due_at", "code", "step")
    lines = [_coming(task, words, now) for task in shown if (task.code, task.step) in words]
    return sorted(lines, key=lambda line: line.at is None)


def what_was_done(own: OwnReport) -> list[Line]:
    """What was done so far, the newest first; of very much no more than MOST. Two queries."""
    entries = list(own.incident.timeline.filter(kind__in=TOLD)[:MOST])
    roles = RolesThen(own.incident.organisation_id, [entry.by_id for entry in entries])
    return list(_done(own, entries, roles))


def _words_for(own: OwnReport) -> dict[tuple[str, int], Words]:
    return OF_PERSON_HIT if own.is_about_viewer else OF_REPORTER


def _coming(task: Task, words: dict[tuple[str, int], Words], now: datetime) -> Line:
    what = (task.code, task.step)
    return Line(task.due_at, words[what].coming, is_late=task.is_overdue(now), is_first_call=what == FIRST_CALL)


def _done(own: OwnReport, entries: list[TimelineEntry], roles: RolesThen) -> Iterator[Line]:
    told = [(entry, _sentence(own, entry)) for entry in entries]
    first_reaction = next((entry for entry, text in reversed(told) if text is REACTION), None)
    for entry, text in told:
        if text and (text is not REACTION or entry is first_reaction):
            yield Line(entry.at, text, "" if _says_who(own, entry) else _who(own, entry, roles))


def _sentence(own: OwnReport, entry: TimelineEntry) -> Any:
    kind = TimelineKind(entry.kind)
    if kind == TimelineKind.TASK_DONE:
        words = _words_for(own).get((entry.code, entry.step))
        return words.done if words else None
    if entry.by_id == own.viewer.pk and kind in BY_VIEWER:
        return BY_VIEWER[kind]
    if entry.by_id == own.incident.reporter_id and own.is_made_by_other and kind in BY_REPORTER:
        return BY_REPORTER[kind]
    if kind == TimelineKind.AFFECTED_LINKED and own.is_made_by_other:
        return gettext_lazy("Since then you can follow the report yourself.")
    return BY_ANYONE.get(kind)


def _says_who(own: OwnReport, entry: TimelineEntry) -> bool:
    """Whether the sentence says by itself who did it."""
    is_of_party = entry.by_id == own.viewer.pk or (own.is_made_by_other and entry.by_id == own.incident.reporter_id)
    return is_of_party and entry.kind != TimelineKind.TASK_DONE


def _who(own: OwnReport, entry: TimelineEntry, roles: RolesThen) -> Any:
    if entry.by_id is None:
        return _("the portal")
    role = roles.at(entry.by_id, entry.at)
    return role.label if role else _("someone of your organisation")
