"""The organisation's own templates of letters: each upload is a version, and the shipped one is never lost."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from incidents.actions.letter_files import fingerprint
from incidents.actions.letter_tags import checked_template
from incidents.letter_fields import needed_of
from incidents.letter_kinds import LetterField
from incidents.letters.shipped import shipped_docx
from incidents.letters.texts import SHIPPED
from incidents.models import LetterTemplate
from incidents.vocabulary import LetterKind
from vpdportal.accounts.models import Organisation, User
from vpdportal.audit.chain import record


@dataclass(frozen=True)
class TemplateInUse:
    """What letters of a kind are made of now. `row` is None for the shipped one."""

    content: bytes
    name: str
    row: LetterTemplate | None


def template_for(organisation: Organisation, kind: LetterKind) -> TemplateInUse:
    """The newest own template that is not withdrawn, else the shipped one."""
    own = own_template(organisation, kind)
    if own is None:
        return TemplateInUse(shipped_docx(kind), f"{kind} shipped {SHIPPED}", None)
    return TemplateInUse(bytes(own.content), f"{kind} {own.version}", own)


def own_template(organisation: Organisation, kind: LetterKind) -> LetterTemplate | None:
    found: LetterTemplate | None = (
        LetterTemplate.objects.filter(organisation=organisation, kind=kind, is_withdrawn=False)
        .order_by("-version")
        .first()
    )
    return found


def save_template(
    *, organisation: Organisation, kind: LetterKind, content: bytes, by: User, now: datetime
) -> tuple[LetterTemplate, list[LetterField]]:
    """Take a new template into use. Gives it, with the needed fields that it does not use.

    Raises DocxRefused with what is wrong: no safe .docx, an unknown field (by name), a tag that is not let through.
    """
    names = checked_template(content, kind)
    with transaction.atomic():
        Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)  # two uploads, two numbers
        mine = LetterTemplate.objects.filter(organisation=organisation, kind=kind)
        number = (mine.aggregate(most=Max("version"))["most"] or 0) + 1
        template = LetterTemplate.objects.create(
            organisation=organisation,
            kind=kind,
            version=number,
            content=content,
            sha256=fingerprint(content),
            at=now,
            by=by,
        )
        _note("letter_template.saved", organisation, template, by, now)
    return template, [field for field in needed_of(kind) if field.name not in names]


def withdraw_template(*, organisation: Organisation, kind: LetterKind, by: User, now: datetime) -> bool:
    """Use the shipped template again; False where that is so already. What was made of the own ones stays as it is."""
    with transaction.atomic():
        Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
        template = own_template(organisation, kind)
        if template is None:
            return False
        LetterTemplate.objects.filter(organisation=organisation, kind=kind).update(is_withdrawn=True)
        _note("letter_template.withdrawn", organisation, template, by, now)
    return True


def _note(action: str, organisation: Organisation, template: LetterTemplate, by: User, now: datetime) -> None:
    record(
        action=action,
        now=now,
        actor_id=by.pk,
        organisation_id=organisation.pk,
        object_type="lettertemplate",
        object_id=template.pk,
        fields=[template.kind, f"version {template.version}"],
    )
