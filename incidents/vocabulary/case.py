"""Where a case, an advice and a task stand, and what is written along the way."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CaseStatus(models.TextChoices):
    RECEIVED = "received", _("received")
    IN_PROGRESS = "in_progress", _("in progress")
    CLOSED = "closed", _("closed")
    MERGED = "merged", _("joined with another report")


class MeasureStatus(models.TextChoices):
    PROPOSED = "proposed", _("proposed")
    TAKEN = "taken", _("chosen")
    HELD = "held", _("put off")
    DECLINED = "declined", _("not chosen")


class TaskKind(models.TextChoices):
    """What a task comes from. What does not come from the menu carries words of its own, or points at its subject."""

    MENU = "menu", _("from the menu")
    SIGN = "sign", _("Sign a measure, or send it back")
    SECOND_LOOK = "second_look", _("Look at a measure with a second pair of eyes")
    REVIEW = "review", _("Review a running measure")
    TALK = "talk", _("Have a talk for aftercare")
    LOOK_AGAIN = "look_again", _("Look again at a measure that was put off")
    LESSON = "lesson", _("Carry out a lesson for prevention")
    OWN = "own", _("Own task")


class TaskStatus(models.TextChoices):
    OPEN = "open", _("open")
    DONE = "done", _("done")
    DECLINED = "declined", _("not done, with reason")


class TimelineKind(models.TextChoices):
    REPORTED = "reported", _("The report came in")
    ADVISED = "advised", _("The menu was asked for advice")
    CARD_RENEWED = "card_renewed", _("The newest menu card was taken over")
    FACTS_ADDED = "facts_added", _("Facts were added")
    SEVERITY_CONFIRMED = "severity_confirmed", _("The severity was confirmed")
    LOWERING_ASKED = "lowering_asked", _("Someone asked to lower the severity; a second person has to confirm it")
    MEASURE_TAKEN = "measure_taken", _("A measure was chosen")
    MEASURE_DECLINED = "measure_declined", _("A measure was not chosen")
    TASK_DONE = "task_done", _("A task was done")
    TASK_DECLINED = "task_declined", _("A task was not done")
    TASK_HANDED_OVER = "task_handed_over", _("A task was handed over")
    NOTE_ADDED = "note_added", _("A note was added")
    CLOSED = "closed", _("The case was closed")
    STATEMENT_ADDED = "statement_added", _("Something was added to the report")
    EVIDENCE_ADDED = "evidence_added", _("A file was added")
    EVIDENCE_REMOVED = "evidence_removed", _("A file was taken away: the virus scanner found something in it")
    MESSAGE_SENT = "message_sent", _("A message was sent")
    QUESTION_ASKED = "question_asked", _("A question was asked")
    QUESTION_ANSWERED = "question_answered", _("A question was answered")
    SUPPORT_ASKED = "support_asked", _("Support was asked for")
    WITNESS_ASKED = "witness_asked", _("A witness was asked to tell what happened")
    AFFECTED_LINKED = "affected_linked", _("The person hit can follow the report")
    VISIBILITY_CHANGED = "visibility_changed", _("Who may see the report was changed")
    HELPED_ANSWERED = "helped_answered", _("The reporter said whether it helped")
    REOPENED = "reopened", _("The case was opened again")
    BECAME_INCIDENT = "became_incident", _("The near miss was made an incident")
    ASSIGNED = "assigned", _("The case was given to an adviser")
    MEASURE_HELD = "measure_held", _("A measure was put off")
    MEASURE_ADAPTED = "measure_adapted", _("A measure was adapted")
    TASK_ADDED = "task_added", _("A task was added")
    MERGED = "merged", _("The report was joined with another one about the same event")
    UNMERGED = "unmerged", _("The report was taken apart again from another one")
    LINKED = "linked", _("The case was linked with another one")
    UNLINKED = "unlinked", _("The link with another case was taken away")
    PERSON_LINKED = "person_linked", _("A person was linked to the case")
    PERSON_UNLINKED = "person_unlinked", _("A person was taken off the case")
    PERSON_INFORMED = "person_informed", _("A person was told that data about them are kept")
    INFORMING_DELAYED = "informing_delayed", _("Telling a person that data are kept was put off")
    REACTION_DRAFTED = "reaction_drafted", _("A reaction was drafted")
    REACTION_CHANGED = "reaction_changed", _("A reaction was changed")
    REACTION_PROPOSED = "reaction_proposed", _("A reaction was laid before who signs it")
    REACTION_SENT_BACK = "reaction_sent_back", _("A reaction was sent back")
    REACTION_SECONDED = "reaction_seconded", _("A second person agreed with a reaction")
    REACTION_SIGNED = "reaction_signed", _("A reaction was signed")
    POLICE_TOLD = "police_told", _("The police were told of a measure")
    REACTION_STARTED = "reaction_started", _("A reaction was given")
    REACTION_EXTENDED = "reaction_extended", _("A measure was followed by a longer one")
    REACTION_ENDED = "reaction_ended", _("A measure was ended")
    REACTION_WITHDRAWN = "reaction_withdrawn", _("A drafted reaction was withdrawn")
    REACTION_REVIEWED = "reaction_reviewed", _("A measure was reviewed")
    BREACHED = "breached", _("A measure was broken")
    LETTER_MADE = "letter_made", _("A letter was made")
    LETTER_CHANGED = "letter_changed", _("A letter was changed")
    LETTER_SENT = "letter_sent", _("A letter was sent")
    LETTER_WITHDRAWN = "letter_withdrawn", _("A letter was withdrawn")
    POLICE_SHEET = "police_sheet", _("The police sheet was changed")
    POLICE_FILED = "police_filed", _("The police were told, or an aangifte was made")
    POLICE_OUTCOME = "police_outcome", _("What the police or the court did was written down")
    CARE_PLANNED = "care_planned", _("A moment of aftercare was planned")
    CARE_MOVED = "care_moved", _("A moment of aftercare was moved")
    CARE_HELD = "care_held", _("A moment of aftercare was held")
    CARE_ACCEPTED = "care_accepted", _("A moment of aftercare was accepted")
    CARE_DECLINED = "care_declined", _("A moment of aftercare was declined")
    CARE_ASKED = "care_asked", _("Aftercare was asked for")
    DAMAGE_CHANGED = "damage_changed", _("The damage was changed")
    EVALUATED = "evaluated", _("The case was evaluated")
    RESTRICTED = "restricted", _("The case was closed to the rest of the desk")
    UNRESTRICTED = "unrestricted", _("The case was opened to the desk again")
    OPENED_IN_NEED = "opened_in_need", _("Someone else of the desk opened the case in need")
