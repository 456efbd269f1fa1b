"""Why a sheet is not read, or not brought in, or not taken back."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from incidents.actions.refusals import Refused
from vpdportal import sheet_reading


class SheetRefused(Refused):
    message = _("This file cannot be read as a table. Save it as .xlsx, .ods or .csv and bring it again.")


class ColumnTwice(Refused):
    message = _("The same column is chosen twice. Give each column one meaning.")


class NothingToBringIn(Refused):
    message = _("No row of this sheet can be brought in. Mend what is said below, and bring the sheet again.")


class WasStarted(Refused):
    message = _("This sheet was already brought in, or is being brought in. Look at its page.")


class SheetGone(Refused):
    message = _("This sheet was thrown away. Bring it again if you still need it.")


class NotYours(Refused):
    message = _("Only who brought this sheet may change it. Ask that person, or bring it yourself.")


class NotToUndo(Refused):
    message = _("This can only be undone once, and after it was begun.")


class WorkedOn(Refused):
    """`number`: of cases in which something happened since."""

    def __init__(self, number: int) -> None:
        message = ngettext(
            "Someone worked on %(number)s of these cases since. What people did is not thrown away, so this cannot be "
            "undone as a whole any more.",
            "Someone worked on %(number)s of these cases since. What people did is not thrown away, so this cannot be "
            "undone as a whole any more.",
            number,
        )
        super().__init__(message % {"number": number})


# By how the reading program ends.
OF_READING = {
    sheet_reading.NO_TABLE: SheetRefused.message,
    sheet_reading.TOO_MANY_ROWS: _("This sheet has more than 20,000 rows. Cut it in parts, for example by year."),
    sheet_reading.TOO_MANY_COLUMNS: _("This sheet has more than 60 columns. Take out those that are not needed."),
    sheet_reading.TOO_LONG: _("A cell holds more than 10,000 characters. Make its text shorter."),
    sheet_reading.LOCKED_OR_OLD: _(
        "This is an old Excel file (.xls), or one with a password. Save it as .xlsx without a password."
    ),
    sheet_reading.OPEN_QUOTE: _(
        "A text between quotation marks does not end where it should. Save it as .xlsx or .ods, or mend that cell."
    ),
    sheet_reading.TOO_LARGE: _("This file becomes too large when it is opened. Take out what is not needed."),
}
TOO_MANY_BYTES = _("This file is larger than 10 MB. Take out pictures and what is not needed, or cut it in parts.")
