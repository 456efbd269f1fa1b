"""The terms of an organisation: chosen by an administrator, agreed by the data protection officer, then they hold.

Nothing of a part is destroyed before its term was agreed once: no law or protocol that we could read gives these terms
(handbook 7.2, [GAP]), so there is no silent default.
"""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.actions.refusals import Refused
from incidents.actions.reminders.alarms import write_alarms
from incidents.models import RetentionTerm
from incidents.vocabulary import AlarmKind, KeptPart
from vpdportal.accounts.access import memberships_at
from vpdportal.accounts.models import Organisation, User
from vpdportal.accounts.roles import RIGHTS, Right, Role
from vpdportal.audit.append_only import LEAST_YEARS
from vpdportal.audit.chain import record

# [OWN], handbook 7.2: two years after the last incident or the end of a measure for who did it, five for who it
# happened to. Files and messages name both, so they follow the shorter. Seven years for figures and the log: a request
# or a claim about a case of which five years were kept can still be answered after it is gone.
OUR_MONTHS = {
    KeptPart.PERPETRATOR: 24,
    KeptPart.VICTIM: 60,
    KeptPart.EVIDENCE: 24,
    KeptPart.MESSAGES: 24,
    KeptPart.EXACT_FIGURES: 84,
    KeptPart.AUDIT: 84,
}
# [OWN] Shorter is not possible. A missed quarter or year is added up from its months for three years, and a figure that
# would be counted otherwise is found for two; who looked at a case must be found for as long as a claim can be brought.
LEAST_MONTHS = {KeptPart.EXACT_FIGURES: 48, KeptPart.AUDIT: 12 * LEAST_YEARS}
HOLDS_AFTER = timedelta(days=14)  # [OWN] of the agreement: shorter as well as longer, so that nobody is surprised
SHORTEST_MONTH = timedelta(days=4)  # by which two months differ at most, and one day to be sure
DECIDING = [role for role in Role if Right.DECIDE_PRIVACY in RIGHTS[role]]


class SameTerm(Refused):
    message = _("This is the term that was chosen last. Nothing was changed.")


class TooShort(Refused):
    message = _("Choose at least %(months)s months for this part. The portal needs it for so long.")

    def __init__(self, part: KeptPart) -> None:
        super().__init__(str(self.message) % {"months": LEAST_MONTHS[part]})


class OwnChoice(Refused):
    message = _("You chose this term yourself. Someone else has to agree with it.")


class NotTheLast(Refused):
    message = _("Someone chose another term meanwhile, or it was agreed already. Look at the page again.")


@dataclass(frozen=True)
class Terms:
    """The agreed terms of one organisation, by part, in the order in which they begin to hold."""

    agreed: dict[str, list[RetentionTerm]]

    def months(self, part: KeptPart, day: date) -> int | None:
        """How many months hold for this part on this day; None where no term holds yet."""
        held = [term for term in self.agreed.get(part, []) if term.holds_from and term.holds_from <= day]
        return held[-1].months if held else None

    def end_of(self, part: KeptPart, begin: date, today: date) -> date | None:
        """The first day on which what began to count on `begin` may go, also by a term that begins to hold later.

        None where no term was agreed for this part. Never before the least that the portal needs.
        """
        found, terms = None, self.agreed.get(part, [])
        for index, term in enumerate(terms):
            assert term.holds_from is not None
            after = terms[index + 1].holds_from if index + 1 < len(terms) else None
            if after is not None and after <= today:
                continue
            months = max(term.months, LEAST_MONTHS.get(part, 0))
            found = max(months_after(begin, months), term.holds_from)
            if after is None or found < after:
                return found
        return found

    def latest_begin(self, part: KeptPart, last: date) -> date | None:
        """After this day nothing can have begun to count that goes on `last` or before; None where nothing goes."""
        months = [max(term.months, LEAST_MONTHS.get(part, 0)) for term in self.agreed.get(part, [])]
        return months_after(last, -min(months)) + SHORTEST_MONTH if months else None

    def never_agreed(self) -> list[KeptPart]:
        """The parts of which no term was ever agreed: of these nothing is destroyed."""
        return [part for part in KeptPart if part not in self.agreed]

    def agreed_on(self, part: KeptPart) -> date | None:
        """The day on which the newest term of this part was agreed."""
        terms = self.agreed.get(part, [])
        return timezone.localdate(terms[-1].agreed_at) if terms and terms[-1].agreed_at else None


def months_after(day: date, months: int) -> date:
    """The same day so many months later; the last day of that month where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def terms_of(organisation: Organisation) -> Terms:
    """The agreed terms of this organisation. One query."""
    rows = RetentionTerm.objects.filter(organisation=organisation, agreed_at__isnull=False)
    agreed: dict[str, list[RetentionTerm]] = {}
    for row in rows.order_by("holds_from", "chosen_at"):
        agreed.setdefault(row.part, []).append(row)
    return Terms(agreed)


def newest_choices(terms: Iterable[RetentionTerm]) -> dict[str, RetentionTerm]:
    """Of each part what was chosen last, agreed or not; `terms` newest first."""
    found: dict[str, RetentionTerm] = {}
    for term in terms:
        found.setdefault(term.part, term)
    return found


def choose_term(*, organisation: Organisation, part: KeptPart, months: int, by: User, now: datetime) -> RetentionTerm:
    """Keep a choice for one part, and ask the data protection officer to agree. Raises SameTerm, TooShort."""
    if months < LEAST_MONTHS.get(part, 0):
        raise TooShort(part)
    with transaction.atomic():
        Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
        last = RetentionTerm.objects.filter(organisation=organisation, part=part).order_by("-chosen_at").first()
        if last and last.months == months:
            raise SameTerm
        term = RetentionTerm.objects.create(
            organisation=organisation, part=part, months=months, chosen_by=by, chosen_at=now
        )
        _write_down("retention.chosen", term, by, now)
        asked = memberships_at(now).filter(organisation=organisation, role__in=DECIDING)
        people = {(organisation.pk, pk) for pk in asked.values_list("user", flat=True)}
        write_alarms(people=people, kind=AlarmKind.RETENTION_CHOSEN, now=now)
    return term


def agree_term(*, term: RetentionTerm, by: User, now: datetime) -> RetentionTerm:
    """Agree with the last choice for a part; it holds from 14 days after. Raises OwnChoice, NotTheLast."""
    with transaction.atomic():
        Organisation.objects.select_for_update(no_key=True).get(pk=term.organisation_id)
        same = RetentionTerm.objects.filter(organisation=term.organisation_id, part=term.part)
        last = same.order_by("-chosen_at").first()
        if last is None or last.pk != term.pk or last.agreed_at:
            raise NotTheLast
        if last.chosen_by_id == by.pk:
            raise OwnChoice
        last.agreed_by, last.agreed_at = by, now
        last.holds_from = timezone.localdate(now) + HOLDS_AFTER
        last.save(update_fields=["agreed_by", "agreed_at", "holds_from"])
        _write_down("retention.agreed", last, by, now)
    return last


def _write_down(action: str, term: RetentionTerm, by: User, now: datetime) -> None:
    record(
        action=action,
        now=now,
        actor_id=by.pk,
        organisation_id=term.organisation_id,
        object_type="retention_term",
        object_id=term.pk,
        fields=[term.part, f"months:{term.months}"],
    )
