"""What an organisation chooses about its overviews. A change holds for what is fixed after it."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.actions.refusals import Refused
from incidents.actions.reminders.plans import PlanChanged
from incidents.models import OverviewPlan
from vpdportal.accounts.models import Organisation, User
from vpdportal.audit.chain import record
from vpdportal.seen import Seen

SAVED = "overviews.saved"
CHOICES = (
    *("exact_from_staff", "smallest_team", "round_to"),
    *("shares_benchmark", "survey_year", "survey_percent", "export_months"),
)
PROTECTING = ("exact_from_staff", "smallest_team", "round_to")  # the lower, the more figures say about fewer people
AGREED = "agreed:yes"  # in the audit trail, beside the names of what was changed


class OverviewPlanChanged(PlanChanged):
    """Two administrators at once."""

    saved_as = SAVED


class NotAgreed(Refused):
    message = _("Figures would say more about fewer people. Agree on it with the data protection officer first.")


def plan_of(organisation: Organisation) -> OverviewPlan:
    """What the organisation chose; the defaults, not saved, when it chose nothing."""
    return OverviewPlan.objects.filter(pk=organisation.pk).first() or OverviewPlan(organisation=organisation)


def plan_mark(plan: OverviewPlan) -> str:
    """A short mark of the choices as a page showed them, to notice that someone else changed them since."""
    return Seen.of(plan, CHOICES).mark


def weakened(before: OverviewPlan, after: OverviewPlan) -> list[str]:
    """The names of the choices by which `after` protects people less than `before`."""
    return [name for name in PROTECTING if getattr(after, name) < getattr(before, name)]


def staff_of(organisation: Organisation) -> int:
    """How many people work in the departments that are in use; each counts its own people only."""
    total = organisation.departments.filter(is_active=True).aggregate(total=Sum("headcount"))["total"]
    return total or 0


def _compared_since(kept: OverviewPlan, plan: OverviewPlan, now: datetime) -> date | None:
    """The local day on which the organisation began to take part without a break; None when it does not."""
    if not plan.shares_benchmark:
        return None
    return kept.shares_benchmark_since if kept.shares_benchmark else timezone.localdate(now)


def save_overview_plan(
    *, plan: OverviewPlan, changed: list[str], is_agreed: bool, seen: str, by: User, now: datetime
) -> OverviewPlan:
    """Keep choices that a form has validated. What is fixed already stays as it is.

    `seen`: the `plan_mark` of what the page showed; `changed` names the columns; `is_agreed`: with the data protection
    officer, needed where people are protected less. Raises OverviewPlanChanged and NotAgreed.
    """
    with transaction.atomic():
        organisation = Organisation.objects.select_for_update(no_key=True).get(pk=plan.organisation_id)
        kept = plan_of(organisation)
        if plan_mark(kept) != seen:
            raise OverviewPlanChanged(organisation)
        weaker = weakened(kept, plan)
        if weaker and not is_agreed:
            raise NotAgreed
        plan.shares_benchmark_since = _compared_since(kept, plan, now)
        if changed:
            plan.save()
            record(
                action=SAVED,
                now=now,
                actor_id=by.pk,
                organisation_id=organisation.pk,
                object_type="organisation",
                object_id=organisation.pk,
                fields=[*changed, AGREED] if weaker else changed,
            )
    return plan
