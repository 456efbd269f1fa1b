"""The audit log in words: each action has a sentence and a kind. An action without words fails a test (ADR 33)."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.vocabulary.case import TimelineKind


class Act(models.TextChoices):
    """What kind of thing someone did, as the log can be narrowed to."""

    LOOKED = "looked", _("looked")
    SEARCHED = "searched", _("searched")
    EXPORTED = "exported", _("taken out of the portal")
    OPENED = "opened", _("opened in need")
    CHANGED = "changed", _("changed in a case")
    PERSONS = "persons", _("changed about a person")
    SIGNED_IN = "signed_in", _("signing in")
    ROLES = "roles", _("roles and accounts")
    SETTINGS = "settings", _("settings")
    RIGHTS = "rights", _("keeping, and requests about data")


VIEWED = "incident.viewed"
OPENED_IN_NEED = f"incident.{TimelineKind.OPENED_IN_NEED}"
LOG_EXPORTED, LOG_ANCHORED, LOG_CUT = "audit.exported", "audit.anchored", "audit.cut"

WORDS: dict[Act, dict[str, Any]] = {
    Act.LOOKED: {
        VIEWED: _("looked at a page or file of a case"),
        "person.viewed": _("looked at the record of a person"),
        "person.named": _("saw the name of a person with a reaction"),
        "overview.viewed": _("looked at an overview"),
        "openings.viewed": _("read what was opened in need"),
        "audit.viewed": _("read the audit log"),
        "audit.review_viewed": _("read the sample of the audit log"),
        "data_request.viewed": _("looked at a request about personal data"),
        "menu_card.previewed": _("looked at the menu card that is being made"),
    },
    Act.SEARCHED: {
        "cases.searched": _("searched for cases"),
        "person.searched": _("searched for a person"),
        "person.checked": _("asked whether something runs against a person"),
        "data_request.searched": _("searched for the person of a request about data"),
    },
    Act.EXPORTED: {
        "cases.exported": _("took out a list of cases"),
        "organisation.exported": _("took out all of the organisation, by a command of the machine"),
        "rows.exported": _("took out a row for each report"),
        "overview.file": _("took out an overview"),
        LOG_EXPORTED: _("took out the audit log"),
        "person.named_to_police": _("took out a sheet for the police that names a person"),
        "privacy.sheet_taken": _("took out a sheet of accountability"),
        "retention.certificate": _("took out a certificate of destruction"),
    },
    Act.OPENED: {
        OPENED_IN_NEED: TimelineKind.OPENED_IN_NEED.label,
        "person.opened": _("opened the record of a person"),
        "opening.judged": _("judged an opening in need"),
    },
    Act.CHANGED: {
        **{f"incident.{kind}": kind.label for kind in TimelineKind if kind != TimelineKind.OPENED_IN_NEED},
        "incident.facts_counted": _("counted the facts about who did it again"),
        "evidence.removed": _("removed a file in which the virus scanner found something"),
        "import.read": _("brought a sheet of an earlier registration, to look at"),
        "import.looked_at": _("looked at the rows of a sheet of an earlier registration"),
        "import.started": _("started to bring in cases from an earlier registration"),
        "import.done": _("brought in cases from an earlier registration"),
        "import.undone": _("took back the cases that were brought in from a sheet"),
        "import.dropped": _("threw away a sheet of an earlier registration"),
    },
    Act.PERSONS: {
        "person.changed": _("changed the record of a person"),
        "person.merged": _("joined two records of one person"),
        "person.own_reading": _("added what a person says about their record"),
    },
    Act.SIGNED_IN: {
        "sign_in.done": _("signed in"),
        "sign_in.failed": _("tried to sign in, with a wrong password"),
        "sign_in.second_failed": _("tried to show who they are, with a wrong code, passkey or password"),
        "sign_in.again": _("showed again who they are, before a sensitive step"),
        "sign_in.out": _("signed out"),
        "sign_in.over": _("was signed out: the session took too long, or nothing was done in it"),
        "sign_in.emergency": _("signed in with an emergency account"),
        "guessing.stopped": _("asked for many things that are not there or not theirs, and was stopped"),
        "sign_in.linked": _("signed in with the organisation's account for the first time"),
        "sign_in.refused": _("was refused with the organisation's account"),
        "sign_in.unlinked": _("took an account apart from the organisation's sign-in"),
        "session.ended": _("signed out one of their own devices"),
        "session.others_ended": _("signed out their own other devices"),
        "session.all_ended": _("signed someone out on all devices"),
        "factor.added": _("added a second step"),
        "factor.removed": _("removed a second step"),
        "factor.taken": _("took away the second step of someone who lost it"),
        "factor.codes_made": _("made new recovery codes"),
        "password.set": _("chose a new password"),
    },
    Act.ROLES: {
        "role.given": _("gave someone a role"),
        "role.ended": _("ended someone's role"),
        "role.proposed": _("asked for a role for someone"),
        "role.agreed": _("agreed with a role for someone"),
        "role.refused": _("refused a role for someone"),
        "role.withdrawn": _("withdrew what was asked: a role for someone"),
        "account.closed": _("closed an account"),
        "account.opened": _("opened an account again"),
        "address.changed": _("changed someone's mail address"),
        "address.mended": _("wrote down that someone's mail address works again"),
        "name.changed": _("changed a name, as the organisation's sign-in gives it"),
        "emergency.named": _("made an account one for emergencies"),
        "emergency.ended": _("made an emergency account an ordinary one"),
        "absence.planned": _("planned an absence"),
        "absence.cancelled": _("cancelled an absence"),
        "mails.chosen": _("chose which mails to get"),
        "mail.again": _("had mails sent again"),
        "feed.made": _("made a secret address for a calendar"),
        "feed.stopped": _("stopped the secret address of a calendar"),
    },
    Act.SETTINGS: {
        "organisation.created": _("made the organisation"),
        "organisation.imported": _("brought in an organisation, by a command of the machine"),
        "organisation.saved": _("changed a setting of the organisation"),
        "department.saved": _("changed a department"),
        "location.saved": _("changed a place"),
        "locations.added": _("added places"),
        "letter_template.saved": _("changed the text of a letter"),
        "letter_template.withdrawn": _("withdrew the text of a letter"),
        "menu_card.draft_changed": _("changed the menu card that is being made"),
        "menu_card.draft_discarded": _("threw away the menu card that was being made"),
        "menu_card.published": _("put a menu card into use"),
        "reminders.saved": _("changed when reminders go out"),
        "overviews.saved": _("changed what overviews show"),
        "overview.released": _("fixed an overview"),
        "overview.held": _("held an overview back: it could have pointed at someone"),
        LOG_ANCHORED: _("wrote down how far the audit log goes"),
        "audit.sampled": _("drew the sample of the audit log"),
        "audit.reviewed": _("signed the sample of the audit log"),
    },
    Act.RIGHTS: {
        "retention.chosen": _("chose how long something is kept"),
        "retention.agreed": _("agreed with how long something is kept"),
        "retention.postponed": _("put off destroying"),
        "retention.legal_hold": _("held something for a legal matter"),
        "retention.lifted": _("lifted what held back destroying"),
        "retention.part_destroyed": _("destroyed a part of a case"),
        "retention.figures_destroyed": _("destroyed the exact figures of a period"),
        LOG_CUT: _("destroyed the oldest part of the audit log"),
        "retention.destroyed": _("wrote the certificate of what was destroyed"),
        "retention.failed": _("could not destroy something; it is tried again"),
        "retention.account_forgotten": _("removed name and address of someone who left long ago"),
        "data_request.received": _("registered a request about personal data"),
        "data_request.identity_checked": _("wrote down that it was checked who asks"),
        "data_request.linked": _("wrote down who a request is about"),
        "data_request.extended": _("extended the term of a request about data"),
        "data_request.withdrawn": _("wrote down that a request about data was withdrawn"),
        "data_request.collected": _("collected the data for a request"),
        "data_request.reviewed": _("judged the data collected for a request"),
        "data_request.ready": _("laid the answer to a request before the officer"),
        "data_request.sent_back": _("sent the answer to a request back"),
        "data_request.decided": _("decided on a request about data"),
        "data_request.erased": _("erased what was kept of who asked"),
        "data_request.corrected": _("wrote down what was corrected on a request"),
        "data_request.ended": _("ended a limit on the use of someone's data"),
        "data_request.let_go": _("removed the answer to a request, after its term"),
        "privacy.answered": _("wrote an answer for accountability"),
    },
}
ACT_OF = {action: act for act, words in WORDS.items() for action in words}
ABOUT = {
    "incident": _("a case"),
    "person": _("a person"),
    "organisation": _("the organisation"),
    "user": _("an account"),
    "membership": _("a role"),
    "roleproposal": _("a role"),
    "department": _("a department"),
    "location": _("a place"),
    "absence": _("an absence"),
    "check": _("a question before a contact"),
    "data_request": _("a request about data"),
    "retention_term": _("a term for keeping"),
    "destruction": _("a certificate of destruction"),
    "lettertemplate": _("the text of a letter"),
    "menucard": _("the menu card"),
    "release": _("an overview"),
    "evidence": _("a file"),
    "logreview": _("a sample of the log"),
    "mail": _("a mail"),
    "import": _("a sheet that was brought in"),
}


def sentence_of(action: str) -> str:
    """What someone did, in words; the code itself for an action of a version that is gone."""
    act = ACT_OF.get(action)
    return str(WORDS[act][action]) if act else action


def about(object_type: str) -> str:
    """What kind of thing it was done to, in words; the code itself for one without."""
    return str(ABOUT.get(object_type, object_type))
