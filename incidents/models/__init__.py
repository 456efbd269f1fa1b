"""The rows of incidents, by what they are about."""

from incidents.models.incident import Incident
from incidents.models.measure import Measure
from incidents.models.notice import Heartbeat, Mail, Notice
from incidents.models.task import Task
from incidents.models.trail import Evidence, Note, TimelineEntry

__all__ = ["Evidence", "Heartbeat", "Incident", "Mail", "Measure", "Note", "Notice", "Task", "TimelineEntry"]
