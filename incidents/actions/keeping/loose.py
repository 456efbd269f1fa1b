"""What hangs under no case: records of people whom nobody linked, and why someone asked about a restriction."""

from datetime import datetime, time

from django.db import transaction
from django.utils import timezone

from incidents.actions.keeping.certificates import add_counts, open_round
from incidents.actions.keeping.persons import let_go_of_loose
from incidents.actions.keeping.terms import months_after, terms_of
from incidents.models import RestrictionCheck
from incidents.vocabulary import KeptPart
from vpdportal.accounts.models import Organisation


def destroy_loose(*, organisation: Organisation, now: datetime) -> int:
    """Destroy what is older than the term of who did it. Gives how many; nothing where no term holds yet."""
    today = timezone.localdate(now)
    months = terms_of(organisation).months(KeptPart.PERPETRATOR, today)
    if months is None:
        return 0
    before = timezone.make_aware(datetime.combine(months_after(today, -months), time()))
    with transaction.atomic():
        persons = let_go_of_loose(organisation.pk, before, now)
        checks, _per_model = RestrictionCheck.objects.filter(organisation=organisation, at__lt=before).delete()
        gone = {name: number for name, number in (("Person", persons), ("RestrictionCheck", checks)) if number}
        if gone:
            destruction = open_round(organisation=organisation, now=now)
            add_counts(destruction, gone)
    return sum(gone.values())
