"""What a migration does with rows that were there before it."""

from datetime import UTC, date, datetime
from importlib import import_module
from uuid import uuid4

from django.apps import apps
from django.db.models import F

from incidents.models import Mail, Notice, Statement
from incidents.vocabulary import StatementBy
from tests import clock
from tests.world import Place, make_incident


def test_a_statement_says_what_it_is_in_its_own_column_and_back(town: Place):
    incident = make_incident(town)
    texts = [
        "[rather_not]\n",
        "[correction]\nHet was 's middags.\nNiet 's ochtends.",
        "[nooit]\nGewone tekst.",
        "Kort.",
    ]
    for text in texts:
        Statement.objects.create(
            organisation=town.organisation,
            incident=incident,
            at=clock.now(),
            by=town.employee,
            given_as=StatementBy.REPORTER,
            form_key=uuid4(),
            text=text,
        )
    migration = import_module("incidents.migrations.0005_kinds_and_contacts")
    migration.to_column(apps, None)
    after = {(one.kind, one.text) for one in Statement.objects.all()}
    assert after == {
        ("rather_not", ""),
        ("correction", "Het was 's middags.\nNiet 's ochtends."),
        ("addition", "[nooit]\nGewone tekst."),
        ("addition", "Kort."),
    }
    migration.to_first_line(apps, None)
    assert {one.text for one in Statement.objects.all()} == set(texts)


def test_what_waited_goes_out_when_it_was_planned_for_and_a_mail_has_its_local_day(town: Place):
    make_incident(town)
    late = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)  # half past midnight in Amsterdam
    mail = Mail.objects.create(recipient=town.adviser, created_at=late, next_attempt_at=late, day=date(2026, 1, 1))
    Notice.objects.update(send_at=datetime(2026, 1, 1, tzinfo=UTC))
    import_module("incidents.migrations.0008_trusted_reminders").keep_moments(apps, None)
    assert not Notice.objects.exclude(send_at=F("due_at")).exists() and Notice.objects.exists()
    mail.refresh_from_db()
    assert (mail.day, mail.kind) == (date(2026, 11, 24), "at_once")
