"""What a migration does with rows that were there before it."""

from importlib import import_module
from uuid import uuid4

from django.apps import apps

from incidents.models import Statement
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
