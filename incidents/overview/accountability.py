"""A sheet by which an organisation accounts for what it keeps: the portal's facts, and the organisation's answers."""

from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from incidents.models import PrivacyAnswer
from incidents.overview.accountability_facts import (
    data_table,
    leaving_table,
    roles_table,
    safety_table,
    terms_table,
    versions_table,
)
from incidents.overview.accountability_questions import Question, Sheet, questions_of
from incidents.overview.document import Document, Section, Table
from vpdportal.accounts.models import Organisation


def sheet_of(sheet: Sheet, organisation: Organisation, answers: Mapping[str, PrivacyAnswer], now: datetime) -> Document:
    """In the language that is active."""
    made = date_format(timezone.localtime(now), "j F Y")
    return Document(
        title=str(sheet.label),
        subtitle=organisation.name,
        language=get_language() or "nl",
        mark=_("as it stands on %(day)s") % {"day": made},
        made_at=now,
        notes=(
            _("The tables say how the portal is set up now. They were read from its settings."),
            _("Where an answer is lacking, our starting point stands: let your data protection officer settle it."),
        ),
        sections=(
            Section(
                _("Answers of the organisation"),
                parts=tuple(_answered(question, answers.get(question.code)) for question in questions_of(sheet)),
            ),
            *(Section(table.title, tables=(table,)) for table in tables_of(sheet, organisation, now)),
        ),
    )


def tables_of(sheet: Sheet, organisation: Organisation, now: datetime) -> list[Table]:
    """What the portal says itself on this sheet."""
    common = [roles_table(organisation, now), terms_table(organisation, now), safety_table(organisation)]
    if sheet == Sheet.REGISTER:
        return [data_table(), *common, leaving_table(organisation)]
    return [data_table(), *common, leaving_table(organisation), versions_table()]


def _answered(question: Question, answer: PrivacyAnswer | None) -> Section:
    if answer and answer.text:
        return Section(str(question.title), paragraphs=tuple(answer.text.splitlines()))
    return Section(
        str(question.title),
        paragraphs=(_("Our starting point, not settled yet: %(text)s") % {"text": question.position},),
    )
