"""An upgrade with data: a database of each release that is kept here is migrated, and everything in it still works.

The databases were filled and written down by the releases themselves (`tests/upgrade/keep.py`), so nothing that this
program does can hide what it makes of the rows of another one.
"""

import hashlib
import io
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.urls import reverse

from incidents.models import Incident
from incidents.views.case_frame import PARTS
from tests import clock
from tests.conftest import need
from tests.services import own_postgres
from tests.stories.reminders import connected
from tests.upgrade.kept import RELEASES, Kept, LocksWatched
from tests.world import Place, make_incident
from vpdportal.accounts.models import Membership, Organisation, User
from vpdportal.accounts.roles import Role

pytestmark = pytest.mark.services
People = Callable[[Organisation, Role], list[User]]
BOOKS = {"django_migrations", "django_content_type", "auth_permission"}  # Django's own, which grow by migrations
# Seconds that a table of these few rows may be shut, on a busy machine. From the newest on, people work meanwhile.
LONGEST_LOCK = dict.fromkeys(RELEASES, 120.0) | {RELEASES[-1]: 5.0}


@pytest.fixture(scope="module", params=RELEASES)
def upgraded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any
) -> Iterator[Kept]:
    """A database of that release, migrated by this program, with the ORM of the tests on it."""
    if connection.vendor != "postgresql":
        need("", "services")
    with own_postgres() as server, django_db_blocker.unblock():
        kept = Kept(request.param, server, tmp_path_factory.mktemp(request.param))
        kept.restore()
        assert kept.rows() == kept.told["rows"], "what was written down is what is restored"
        with connected(kept.url):
            began = time.monotonic()
            with LocksWatched(kept) as locks:
                call_command("migrate", verbosity=0)
            slowest = max(locks.longest.items(), key=lambda item: item[1], default=("none", 0.0))
            sys.stdout.write(
                f"{kept.name}: migrated in {time.monotonic() - began:.1f} s, {len(locks.longest)} tables shut, "
                f"longest {slowest[0]} {slowest[1]:.2f} s\n"
            )
            assert slowest[1] < LONGEST_LOCK[kept.name], locks.longest
            kept.after = kept.rows()
            yield kept


@pytest.fixture(autouse=True)
def its_moment(upgraded: Kept, settings: Any) -> None:
    clock.set_to(upgraded.moment)
    store = {**settings.STORAGES["evidence"], "OPTIONS": {"location": upgraded.files}}
    settings.EVIDENCE_DIR, settings.STORAGES = str(upgraded.files), {**settings.STORAGES, "evidence": store}


@pytest.fixture
def people(upgraded: Kept) -> People:
    """Who has a role in an organisation."""

    def having(organisation: Organisation, role: Role) -> list[User]:
        members = Membership.objects.filter(organisation=organisation, role=role).select_related("user")
        return [member.user for member in members.order_by("user__email")]

    return having


def command(*words: str) -> str:
    """What a command says; raises CommandError where it fails."""
    said = io.StringIO()
    call_command(*words, stdout=said, stderr=said)
    return said.getvalue()


def test_no_row_is_lost_and_none_is_made_up(upgraded: Kept):
    before, after = upgraded.told["rows"], upgraded.after
    changed = {table: (rows, after.get(table)) for table, rows in before.items() if after.get(table) != rows}
    assert changed.keys() <= BOOKS, changed


def test_nothing_is_left_to_migrate_and_the_portal_starts(upgraded: Kept):
    code, words = upgraded.run("-c", "import vpdportal.wsgi")
    assert code == 0, words
    command("migrate", "--check")
    assert "no issues" in command("check", "--database", "default")


def test_all_that_is_sealed_opens_and_the_log_is_whole(upgraded: Kept):
    words = command("verify")
    for what in ("references", "audit trail", "sealed values", "sealed files", "persons", "first page"):
        assert f"{what}: right" in words, words


def test_each_story_is_to_the_letter_what_the_old_release_read(upgraded: Kept):
    found = {str(one.pk): hashlib.sha256(one.story.encode()).hexdigest() for one in Incident.objects.all()}
    assert found == upgraded.told["stories"] and len(found) > 10


def test_each_page_of_each_case_opens_for_an_adviser(upgraded: Kept, people: People, as_user: Any):
    for incident in Incident.objects.select_related("organisation"):
        advisers = map(as_user, people(incident.organisation, Role.ADVISER))
        reader = next(one for one in advisers if one.get(reverse("case", args=[incident.pk])).status_code == 200)
        for name, _label, _count in PARTS:
            assert reader.get(reverse(name, args=[incident.pk])).status_code == 200, name


def test_each_reporter_follows_their_report_and_management_reads_its_months(
    upgraded: Kept, people: People, as_user: Any
):
    for incident in Incident.objects.exclude(reporter=None).select_related("reporter"):
        assert as_user(incident.reporter).get(reverse("report_status", args=[incident.pk])).status_code == 200
    readers = [user for one in Organisation.objects.all() for user in people(one, Role.MANAGEMENT)]
    for user in readers:
        assert as_user(user).get(reverse("overview_choose"), follow=True).status_code == 200
    assert readers


def test_a_new_report_comes_in_beside_the_old_ones(upgraded: Kept, people: People, as_user: Any):
    organisation = Organisation.objects.order_by("slug").first()
    assert organisation is not None
    [employee, *_] = people(organisation, Role.EMPLOYEE)
    place = Place(organisation, organisation.departments.first(), {"employee": employee})
    incident = make_incident(place, story="Na de upgrade.")
    assert as_user(employee).get(reverse("report_status", args=[incident.pk])).status_code == 200


def test_reminders_that_waited_go_out_and_the_log_stays_whole(upgraded: Kept):
    clock.move(days=1, hours=1)
    words = command("sweep")
    assert "0 failed" in words and " 0 sent" not in words and mail.outbox
    assert "0 mails made" in command("sweep"), "none comes twice"
    command("verify_audit")
