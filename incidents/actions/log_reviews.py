"""Signing the monthly sample of the audit log: the officer says what was found, once."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from incidents.actions.refusals import ReasonNeeded, Refused
from incidents.models import LogReview
from vpdportal.accounts.models import User
from vpdportal.audit.chain import record


class SignedAlready(Refused):
    message = _("This sample is signed already. Nothing was changed.")


def sign_review(*, review: LogReview, remark: str, by: User, now: datetime) -> LogReview:
    """Keep what the officer found. The log says that it was signed, never what was found.

    Raises ReasonNeeded, SignedAlready.
    """
    if not remark.strip():
        raise ReasonNeeded
    with transaction.atomic():
        held: LogReview = LogReview.objects.select_for_update(of=("self",), no_key=True).get(pk=review.pk)
        if held.signed_at:
            raise SignedAlready
        held.signed_by, held.signed_at, held.remark = by, now, remark.strip()
        held.save(update_fields=["signed_by", "signed_at", "remark"])
        record(
            action="audit.reviewed",
            now=now,
            actor_id=by.pk,
            organisation_id=held.organisation_id,
            object_type="logreview",
            object_id=held.pk,
            fields=[f"{held.year}-{held.month:02}"],
        )
    return held
