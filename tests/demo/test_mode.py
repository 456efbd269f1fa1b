"""What the demonstration is outside itself: nothing; and what fits which mode. These begin with an empty database."""

from typing import Any

import pytest
from django.core.checks import Error
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from incidents.models import Release
from incidents.overview.periods import Period
from incidents.overview.releases import first_month
from incidents.vocabulary import PeriodKind
from tests import clock
from tests.world import Place
from vpdportal import clock as product_clock
from vpdportal.accounts.actions import NewOrganisation, OneOrganisationOnly, create_organisation
from vpdportal.accounts.models import Organisation
from vpdportal.demo.checks import no_demo_data_outside
from vpdportal.demo.models import MailboxMessage

pytestmark = pytest.mark.once  # `make demo` is on SQLite; tests/stories fills it on PostgreSQL too


def test_the_mailbox_asks_the_same_however_full(settings: Any, db: None, django_assert_num_queries: Any):
    settings.DEMO = True
    for number in (1, 3):
        while MailboxMessage.objects.count() < number:
            MailboxMessage.objects.create(sent_at=clock.now(), to="a@voorbeeld.invalid", subject="taak", body="nummer")
        with django_assert_num_queries(3):
            page = Client().get(reverse("demo_mailbox")).content.decode()
        assert page.count('class="mail"') == number


def test_outside_a_demonstration_nothing_of_it_answers(town: Place, as_user: Any):
    client = as_user(town.adviser)
    for name, args in (("demo_become", [town.employee.pk]), ("demo_clock", [])):
        assert client.post(reverse(name, args=args)).status_code == 404
    assert client.get(reverse("demo_mailbox")).status_code == 404
    assert "demo" not in client.get(reverse("work_list")).content.decode().split("<main")[0].lower()
    with pytest.raises(CommandError, match="DEMO=1"):
        call_command("demo_fill")


def errors(**settings: Any) -> list[str]:
    return [error.id or "" for error in no_demo_data_outside(databases=["default"]) if isinstance(error, Error)]


def test_data_and_mode_must_fit(town: Place, settings: Any):
    assert errors() == []
    settings.DEMO = True
    assert errors() == ["demo.E002"]
    settings.DEMO = False
    Organisation.objects.update(is_demo=True)
    assert errors() == ["demo.E003"]


def test_sqlite_serves_one_organisation_and_says_why(town: Place):
    second = NewOrganisation(name="Tweede", slug="tweede", kind="province", reference_prefix="TW")
    if connection.vendor == "sqlite":
        with pytest.raises(OneOrganisationOnly, match="PostgreSQL"):
            create_organisation(details=second, is_demo=False, now=clock.now())
        Organisation.objects.create(name="Derde", slug="derde", kind="province", reference_prefix="DE")
        assert errors() == ["demo.E004"]
    else:
        create_organisation(details=second, is_demo=False, now=clock.now())
        assert errors() == []


def test_the_months_before_are_fixed_and_nothing_can_be_worked_out(demo_mode: None):
    """As `make demo` does it, with a few reports: every month from the first one on, and the attacker finds nothing."""
    call_command("demo_fill", reports=8)
    for organisation in Organisation.objects.all():
        months = Release.objects.filter(organisation=organisation, kind=PeriodKind.MONTH)
        first = first_month(organisation)
        assert first is not None
        there = {(row.year, row.number) for row in months}
        month, ended = first, Period.month_of(product_clock.now()).shifted(-1)
        while month.start < ended.start:
            assert (month.year, month.number) in there
            month = month.shifted(1)
    call_command("attack_overviews")
