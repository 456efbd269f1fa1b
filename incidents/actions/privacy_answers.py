"""The organisation's own answers in its register, DPIA and sheet for the works council."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from incidents.actions.refusals import Refused
from incidents.models import PrivacyAnswer
from vpdportal.accounts.models import Organisation, User
from vpdportal.audit.chain import record


class AnsweredMeanwhile(Refused):
    message = _("Someone else changed an answer meanwhile. What you typed still stands below; look at both, then save.")


def answers_of(organisation: Organisation) -> dict[str, PrivacyAnswer]:
    """By the code of the question. One query."""
    rows = PrivacyAnswer.objects.filter(organisation=organisation).select_related("changed_by")
    return {row.question: row for row in rows}


def mark_of_answers(answers: Mapping[str, PrivacyAnswer], codes: list[str]) -> str:
    """By which a page knows whether one of these answers was changed since it was opened."""
    return " ".join(answers[code].changed_at.isoformat() for code in sorted(codes) if code in answers)


def save_answers(
    *, organisation: Organisation, texts: Mapping[str, str], seen: str, by: User, now: datetime
) -> list[str]:
    """Keep what differs; gives the codes of what was changed. Raises AnsweredMeanwhile where `seen` is old.

    About the organisation, never about a person. The audit holds which questions, not the answers.
    """
    with transaction.atomic():
        Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
        known = answers_of(organisation)
        if mark_of_answers(known, list(texts)) != seen:
            raise AnsweredMeanwhile
        changed = [code for code, text in texts.items() if text.strip() != _text(known.get(code))]
        for code in changed:
            PrivacyAnswer.objects.update_or_create(
                organisation=organisation,
                question=code,
                defaults={"text": texts[code].strip(), "changed_by": by, "changed_at": now},
            )
        if changed:
            record(
                action="privacy.answered",
                now=now,
                actor_id=by.pk,
                organisation_id=organisation.pk,
                object_type="organisation",
                object_id=organisation.pk,
                fields=changed,
            )
    return changed


def _text(answer: Any) -> str:
    return answer.text if answer else ""
