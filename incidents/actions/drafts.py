"""Nothing typed is ever lost: what someone writes is kept as they go, sealed, until it is sent or 14 days old.

A draft belongs to its author alone. Two tabs may write in it: of what both changed, both versions stay on the screen
until the author has chosen.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from incidents.actions.refusals import Refused
from incidents.models import Draft, Location
from incidents.models.draft import KEPT_FOR, Answers, is_lost
from incidents.vocabulary import ReportKind
from vpdportal.accounts.models import Organisation, User

MOST_CHARACTERS = 50_000  # of one answer: more than any field takes, so that what is too long can still be shortened
MOST_VALUES = 40  # of one question
DEVICE = "device"  # as `page`: what was typed without signal
BATCH = 500


class TooMuchText(Refused):
    message = _("This is too much text to keep. Shorten it, or send it as a file.")

    def __init__(self, field: str) -> None:
        super().__init__()
        self.field = field


class ChangedElsewhere(Refused):
    message = _(
        "This part is also open in another tab, and was changed there. Press the button below this form: then you "
        "see both, and nothing is lost."
    )


@dataclass(frozen=True)
class Kept:
    """What was typed in one step: `page` names the page it was typed on, `seen` the revision which that showed."""

    step: str
    answers: Answers
    seen: int = 0
    page: str = ""


def start_draft(
    *,
    key: UUID,
    organisation: Organisation,
    kind: ReportKind,
    by: User,
    now: datetime,
    location: Location | None = None,
) -> Draft:
    """The draft with this key, made if need be. A key that is someone else's gives a fresh draft of one's own.

    So does a key of one's own of which the draft is for another organisation, or of another kind: always the same one.
    """
    fixed = {"organisation": organisation, "location": location, "kind": kind, "started_at": now, "saved_at": now}
    try:
        with transaction.atomic():
            draft, _is_new = Draft.objects.get_or_create(pk=key, author=by, defaults=fixed)
            if (draft.organisation_id, draft.kind) != (organisation.pk, kind):
                own_key = uuid5(key, f"{organisation.pk} {kind}")
                draft, _is_new = Draft.objects.get_or_create(pk=own_key, author=by, defaults=fixed)
            return draft
    except IntegrityError:  # the key is taken by another person
        return Draft.objects.create(author=by, **fixed)


def keep_answers(*, draft: Draft, kept: Kept, by: User, now: datetime, is_choice: bool) -> Draft:
    """Keep what was typed in one step, right or wrong.

    `is_choice`: the author pressed a button. Then what another tab wrote meanwhile is set aside to be shown beside
    it; while typing (not `is_choice`) nothing is written over: ChangedElsewhere. Also raises TooMuchText, and
    Draft.DoesNotExist when it was sent or thrown away meanwhile.
    """
    _check_size(kept.answers)
    with transaction.atomic():
        draft = Draft.objects.select_for_update().get(pk=draft.pk, author=by)
        content = draft.content
        overwritten = content.changed_elsewhere(kept.answers, kept.seen, kept.page)
        if overwritten and not is_choice:
            raise ChangedElsewhere
        draft.revision += 1
        if is_choice:
            content.set_aside(overwritten, kept.answers)
        content.put(kept.answers, draft.revision, kept.page)
        if is_choice and kept.step not in content.steps:
            content.steps.append(kept.step)
        draft.content, draft.saved_at = content, now
        draft.save(update_fields=["revision", "sealed_content", "saved_at"])
    return draft


def bring_in(*, draft: Draft, kept: Kept, by: User, now: datetime) -> Draft:
    """Keep what a device brings, any number of times. What was written in the draft meanwhile stays as it is.

    Of what both changed, the words of the device are set aside to be shown beside it. Raises TooMuchText, and
    Draft.DoesNotExist when it was sent or thrown away meanwhile.
    """
    _check_size(kept.answers)
    with transaction.atomic():
        draft = Draft.objects.select_for_update().get(pk=draft.pk, author=by)
        content = draft.content
        there = {name: content.answers.get(name, []) for name in kept.answers}
        stays = {name for name, values in kept.answers.items() if is_lost(there[name], values)}
        content.earlier |= {name: kept.answers[name] for name in stays if is_lost(kept.answers[name], there[name])}
        draft.revision += 1
        fresh = {name: values for name, values in kept.answers.items() if name not in stays}
        content.put(fresh, draft.revision, DEVICE)
        if kept.step not in content.steps:
            content.steps.append(kept.step)
        draft.content, draft.saved_at = content, now
        draft.save(update_fields=["revision", "sealed_content", "saved_at"])
    return draft


def throw_away(*, draft: Draft, by: User) -> None:
    """The author does not want to send it. Its files go with the next tidying."""
    Draft.objects.filter(pk=draft.pk, author=by).delete()


def remove_old_drafts(*, now: datetime) -> int:
    """Remove drafts that nobody touched for 14 days; gives their number."""
    stale = list(Draft.objects.filter(saved_at__lt=now - KEPT_FOR).values_list("pk", flat=True)[:BATCH])
    Draft.objects.filter(pk__in=stale, saved_at__lt=now - KEPT_FOR).delete()
    return len(stale)


def _check_size(answers: Answers) -> None:
    for name, values in answers.items():
        if len(values) > MOST_VALUES or any(len(value) > MOST_CHARACTERS for value in values):
            raise TooMuchText(name)
