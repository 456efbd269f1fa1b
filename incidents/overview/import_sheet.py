"""The example of a sheet that can be brought in: the headings with one row, and what each column holds."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guidance.vocabulary import Behaviour, Channel, Motive, Severity, TargetGroup
from incidents.actions.case_export import FileKind
from incidents.actions.importing.rows import MOST_SIGNS
from incidents.overview.case_files import as_ods, as_xlsx
from incidents.vocabulary import ImportField, ReportKind

DAY = gettext_lazy("A day, such as 31-12-2025.")
YES_NO = gettext_lazy("Yes, no, or empty when it is not known.")
HELD: dict[ImportField, Any] = {
    ImportField.NUMBER: gettext_lazy("Its number in your earlier registration. By it the same row is known again."),
    ImportField.OCCURRED_ON: DAY,
    ImportField.OCCURRED_TIME: gettext_lazy("A time, such as 14:30. Empty: noon."),
    ImportField.REPORTED_ON: gettext_lazy("A day. Empty: the day on which it happened."),
    ImportField.CLOSED_ON: gettext_lazy("A day. Empty: the day of the report."),
    ImportField.SEVERITY: gettext_lazy("1, 2, 3 or 4. Empty: the portal proposes one."),
    ImportField.DEPARTMENT: gettext_lazy("The name of a department as it stands in the portal."),
}
LISTS: dict[ImportField, Any] = {
    ImportField.KIND: ReportKind,
    ImportField.BEHAVIOUR: Behaviour,
    ImportField.CHANNEL: Channel,
    ImportField.TARGET_GROUP: TargetGroup,
    ImportField.MOTIVE: Motive,
}
YES_OR_NO = (ImportField.PERPETRATOR_KNOWN, ImportField.INJURY, ImportField.WEAPON, ImportField.DAMAGE)
EXAMPLE: dict[ImportField, Callable[[], str]] = {
    ImportField.NUMBER: lambda: "2025-0001",
    ImportField.OCCURRED_ON: lambda: "31-12-2025",
    ImportField.OCCURRED_TIME: lambda: "14:30",
    ImportField.REPORTED_ON: lambda: "31-12-2025",
    ImportField.KIND: lambda: str(ReportKind.INCIDENT.label),
    ImportField.BEHAVIOUR: lambda: str(Behaviour.VERBAL_ABUSE.label),
    ImportField.SEVERITY: lambda: str(Severity.VERBAL.value),
    ImportField.CHANNEL: lambda: str(Channel.COUNTER.label),
    ImportField.TARGET_GROUP: lambda: str(TargetGroup.COUNTER_STAFF.label),
    ImportField.STORY: lambda: _("An example. Take this row out."),
}
WRITERS = {FileKind.XLSX: as_xlsx, FileKind.ODS: as_ods}


def held_in(field: ImportField) -> str:
    """What this column may hold, in words."""
    if field in LISTS:
        return _("One of: %(words)s.") % {"words": "; ".join(str(label) for label in LISTS[field].labels)}
    if field in YES_OR_NO:
        return str(YES_NO)
    if field in HELD:
        return str(HELD[field])
    return _("Text of at most %(most)s characters.") % {"most": MOST_SIGNS[field]}


def example_sheet(kind: FileKind) -> bytes:
    """The file, in the language of the screen."""
    headings = [str(field.label) for field in ImportField]
    row = [EXAMPLE[field]() if field in EXAMPLE else "" for field in ImportField]
    return WRITERS[kind](headings, [row])
