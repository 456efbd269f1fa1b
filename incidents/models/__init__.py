"""The rows of incidents, by what they are about."""

from incidents.models.care import CareMoment, DamageLine
from incidents.models.data_request import DataPiece, DataRequest, PrivacyAnswer
from incidents.models.desk import CalendarFeed, CaseLink, CaseWords, SavedList
from incidents.models.draft import Draft
from incidents.models.evidence import Evidence
from incidents.models.importing import CaseImport, ImportBlock, ImportedCase
from incidents.models.incident import Incident
from incidents.models.letter import Letter, LetterTemplate, LetterVersion, PoliceSheet
from incidents.models.location import Location
from incidents.models.measure import Measure
from incidents.models.message import Message, News
from incidents.models.notice import Alarm, Heartbeat, Mail, Notice
from incidents.models.offline import OfflineKey
from incidents.models.opening import CaseOpening, LogReview
from incidents.models.people import Exclusion, Statement, Witness
from incidents.models.person import Involvement, Person, PersonKey, PersonOpening, RestrictionCheck
from incidents.models.reaction import Breach, Reaction
from incidents.models.release import Correction, OverviewPlan, Release
from incidents.models.reminder_plan import ReminderPlan
from incidents.models.retention import DestroyedPart, Destruction, RetentionStay, RetentionTerm
from incidents.models.task import Task
from incidents.models.trail import Note, TimelineEntry

__all__ = [
    "Alarm",
    "Breach",
    "CalendarFeed",
    "CareMoment",
    "CaseImport",
    "CaseLink",
    "CaseOpening",
    "CaseWords",
    "Correction",
    "DamageLine",
    "DataPiece",
    "DataRequest",
    "DestroyedPart",
    "Destruction",
    "Draft",
    "Evidence",
    "Exclusion",
    "Heartbeat",
    "ImportBlock",
    "ImportedCase",
    "Incident",
    "Involvement",
    "Letter",
    "LetterTemplate",
    "LetterVersion",
    "Location",
    "LogReview",
    "Mail",
    "Measure",
    "Message",
    "News",
    "Note",
    "Notice",
    "OfflineKey",
    "OverviewPlan",
    "Person",
    "PersonKey",
    "PersonOpening",
    "PoliceSheet",
    "PrivacyAnswer",
    "Reaction",
    "Release",
    "ReminderPlan",
    "RestrictionCheck",
    "RetentionStay",
    "RetentionTerm",
    "SavedList",
    "Statement",
    "Task",
    "TimelineEntry",
    "Witness",
]
