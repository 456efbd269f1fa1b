"""What an organisation and a person choose about reminders. What waits to be said is planned anew with it."""

from datetime import datetime

from django.db import transaction
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from incidents.actions.refusals import Refused
from incidents.actions.reminders.planning import replan_organisation, replan_person
from incidents.models import ReminderPlan
from vpdportal.accounts.actions import ChangedMeanwhile, save_mail_choices
from vpdportal.accounts.models import Organisation, User
from vpdportal.audit.chain import record
from vpdportal.audit.models import AuditEvent
from vpdportal.seen import Seen

SAVED = "reminders.saved"
CHOICES = (
    *("opens_at", "closes_at", "works_on", "digest_at", "quiet_from", "quiet_until"),
    *("halfway", "hours_before", "escalate_days", "to_deputy", "to_manager"),
)


class PlanChanged(Refused):
    """Two administrators at once. Says who was first."""

    saved_as = SAVED  # the action in the audit trail
    message = _("Someone else changed these settings after you opened this page. Look at what is kept now.")
    by_name = _(
        "%(name)s changed these settings after you opened this page (%(moment)s). Where yours differ, what is kept now "
        "stands beside it. Save again to put yours in its place."
    )

    def __init__(self, organisation: Organisation) -> None:
        last = (
            AuditEvent.objects.filter(organisation_id=organisation.pk, action=self.saved_as)
            .order_by("-position")
            .first()
        )
        by = User.objects.filter(pk=last.actor_id).first() if last and last.actor_id else None
        if last is None or by is None:
            super().__init__()
            return
        moment = date_format(localtime(last.at), "j F Y H:i")
        super().__init__(str(self.by_name) % {"name": by.name, "moment": moment})


def plan_of(organisation: Organisation) -> ReminderPlan:
    """What the organisation chose; the defaults, not saved, when it chose nothing."""
    return ReminderPlan.objects.filter(pk=organisation.pk).first() or ReminderPlan(organisation=organisation)


def plan_mark(plan: ReminderPlan) -> str:
    """A short mark of the choices as a page showed them, to notice that someone else changed them since."""
    return Seen.of(plan, CHOICES).mark


def save_reminder_plan(*, plan: ReminderPlan, changed: list[str], seen: str, by: User, now: datetime) -> ReminderPlan:
    """Keep choices that a form has validated, and plan the reminders of all open tasks anew.

    `seen`: the `plan_mark` of what the page showed; `changed` names the columns. Raises PlanChanged.
    """
    with transaction.atomic():
        organisation = Organisation.objects.select_for_update(no_key=True).get(pk=plan.organisation_id)
        if plan_mark(plan_of(organisation)) != seen:
            raise PlanChanged(organisation)
        if changed:
            plan.save()
            replan_organisation(organisation=organisation, now=now)
            record(
                action=SAVED,
                now=now,
                actor_id=by.pk,
                organisation_id=organisation.pk,
                object_type="organisation",
                object_id=organisation.pk,
                fields=changed,
            )
    return plan


def save_own_choices(
    *,
    person: User,
    changed: list[str],
    by: User,
    now: datetime,
    organisation: Organisation | None = None,
    seen: Seen | None = None,
) -> None:
    """Keep on which days someone works, and which mails they want; other days plan their reminders anew.

    `organisation`: for which an administrator does so (`by`), and in whose audit trail it stands. `seen`: what the page
    showed. Raises ChangedMeanwhile.
    """
    if not changed:
        return
    with transaction.atomic():
        kept = User.objects.select_for_update(no_key=True).get(pk=person.pk)
        if seen and seen.is_old(kept):
            raise ChangedMeanwhile
        if "works_on" in changed:
            person.save(update_fields=["works_on"])
            replan_person(person=person, now=now)  # before the audit trail is held: a task action holds its task first
        save_mail_choices(user=person, changed=changed, by=by, now=now, organisation=organisation)
