"""What the addresses about mail, days and one person need to be there: someone for whom nothing waits, who is away."""

from datetime import timedelta
from typing import Any

from incidents.actions.reminders.mail_choices import unsubscribe_address
from tests import clock
from tests.incidents.overviews import fixed_months
from tests.world import Place, make_user
from vpdportal.accounts.actions import plan_absence
from vpdportal.accounts.roles import Role

ABOUT_A_PERSON = ("", "_days", "_away", "_address", "_mended", "_close", "_open")


def people_addresses(town: Place) -> dict[str, list[Any]]:
    """Address → its arguments."""
    someone = make_user("Collega Zonder Werk")
    town.join(someone, Role.SUPPORT)
    now = clock.now()
    span = {"starts_at": now + timedelta(days=1), "ends_at": now + timedelta(days=2)}
    away = plan_absence(user=someone, organisation=town.organisation, by=someone, now=now, **span)
    slug = town.organisation.slug
    fixed_months(town, months=1)
    return {
        **{f"administration_person{part}": [slug, someone.pk] for part in ABOUT_A_PERSON},
        "administration_person_back": [slug, someone.pk, away.pk],
        "reminder_plan": [slug],
        "overview_plan": [slug],
        "overview_latest": [slug],
        "overview": [slug, "2026-10"],
        "overview_chart": [slug, "2026-10", "trend"],
        "overview_file": [slug, "2026-10", "xlsx"],
        "unsubscribe": [unsubscribe_address(town.employee, "news").rstrip("/").rpartition("/")[2]],
    }
