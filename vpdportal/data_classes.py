"""What every column holds, and so how it is kept (ASVS 14.1): a column that nobody thought about does not come in.

Most classes follow from the type: a sealed column is sealed, a number is a number, and neither an id nor a moment has
words in it. Text that stands readable in the database is named here one by one, each with the reason why it may. Held
by tests/vpdportal/test_data_classes.py, and tests/vpdportal/test_canaries.py looks whether it is so.
"""

from enum import StrEnum
from typing import Any

from django.apps import apps
from django.db import models

from vpdportal.encryption import EncryptedTextField


class DataClass(StrEnum):
    SEALED = "sealed"  # says something of a person, or was typed about a case: AES-256-GCM, bound to its row
    CODE = "code"  # of a list that the program knows, or made by it: nobody types it
    HASH = "hash"  # of something; what it was cannot be read from it
    LINK = "link"  # the id of a row
    MOMENT = "moment"
    NUMBER = "number"  # also yes and no
    STAFF = "staff"  # the directory of who works here: name, work address, work telephone
    HOUSE = "house"  # of the organisation itself, as it would stand on its own pages
    COUNTED = "counted"  # numbers after disclosure control: what management may see
    MACHINE = "machine"  # what signing in needs; never what people wrote


_BY_TYPE: tuple[tuple[tuple[Any, ...], DataClass], ...] = (
    ((EncryptedTextField,), DataClass.SEALED),
    ((models.ForeignKey, models.UUIDField, models.AutoField), DataClass.LINK),
    ((models.DateTimeField, models.DateField, models.TimeField, models.DurationField), DataClass.MOMENT),
    ((models.IntegerField, models.BooleanField), DataClass.NUMBER),
)

# Model.column → class and why it may stand readable. What is marked [OWN] is our own judgement.
READABLE: dict[str, tuple[DataClass, str]] = {
    # People who work here. They are found, shown and mailed by name; the directory is known inside the house.
    "accounts.User.name": (DataClass.STAFF, "lists are ordered and searched by it"),
    "accounts.User.email": (DataClass.STAFF, "signing in looks it up"),
    "accounts.User.phone": (DataClass.STAFF, "a work number, given by the person"),
    "accounts.User.works_on": (DataClass.STAFF, "digits of days: decides when a mail goes"),
    "accounts.User.password": (DataClass.HASH, "Argon2id"),
    "accounts.Membership.source": (DataClass.CODE, "id of an identity provider"),
    "account.EmailAddress.email": (DataClass.STAFF, "allauth's copy of the work address"),
    "account.EmailConfirmation.key": (DataClass.MACHINE, "never made: addresses are the administrator's to give"),
    # The organisation.
    "accounts.Organisation.name": (DataClass.HOUSE, ""),
    "accounts.Organisation.slug": (DataClass.HOUSE, ""),
    "accounts.Organisation.reference_prefix": (DataClass.HOUSE, ""),
    "accounts.Organisation.internal_alarm": (DataClass.HOUSE, "shown to everyone who reports"),
    "accounts.Organisation.emergency_instruction": (DataClass.HOUSE, "shown to everyone who reports"),
    "accounts.Organisation.confidant": (DataClass.STAFF, "name and number of a function, shown to everyone"),
    "accounts.Organisation.support_contact": (DataClass.HOUSE, "number of a team, shown to everyone"),
    "accounts.Organisation.postal_address": (DataClass.HOUSE, "stands on every letter"),
    "accounts.Organisation.data_officer": (DataClass.HOUSE, "a function, not a name; stands on every letter"),
    "accounts.Organisation.processing_ground": (DataClass.HOUSE, "stands on every letter"),
    "accounts.Organisation.second_factor_roles": (DataClass.CODE, "codes of roles"),
    "accounts.Department.name": (DataClass.HOUSE, ""),
    "incidents.Location.name": (DataClass.HOUSE, "hangs on the wall there"),
    "incidents.Location.code": (DataClass.CODE, "hangs on the wall there"),
    "incidents.LetterTemplate.content": (DataClass.HOUSE, "an empty letter, before anyone's name"),
    "incidents.LetterTemplate.sha256": (DataClass.HASH, ""),
    "incidents.ReminderPlan.works_on": (DataClass.CODE, "digits of days"),
    "incidents.PrivacyAnswer.question": (DataClass.CODE, ""),
    "incidents.PrivacyAnswer.text": (DataClass.HOUSE, "about the organisation, never about a person"),
    "guidance.MenuCard.changes": (DataClass.HOUSE, "the organisation's own menu card"),
    "guidance.MenuDraft.changes": (DataClass.HOUSE, "the organisation's own menu card"),
    # Cases: numbers, codes and hashes only.
    "incidents.Incident.reference": (DataClass.CODE, "in mails and letters in place of a name"),
    "incidents.Incident.menu_version": (DataClass.CODE, ""),
    "incidents.Measure.code": (DataClass.CODE, ""),
    "incidents.Measure.because": (DataClass.CODE, "names of facts and of conditions"),
    "incidents.Measure.waits_for": (DataClass.CODE, "names of facts"),
    "incidents.Measure.menu_version": (DataClass.CODE, ""),
    "incidents.Task.code": (DataClass.CODE, ""),
    "incidents.Task.menu_version": (DataClass.CODE, ""),
    "incidents.TimelineEntry.code": (DataClass.CODE, ""),
    "incidents.TimelineEntry.menu_version": (DataClass.CODE, ""),
    "incidents.Message.asks": (DataClass.CODE, "names of questions"),
    "incidents.PersonKey.digest": (DataClass.HASH, "HMAC with LOOKUP_KEY, by organisation and kind"),
    "incidents.CaseWords.digests": (DataClass.HASH, "HMAC with LOOKUP_KEY, cut to 48 bits, sorted (ADR 15)"),
    "incidents.CalendarFeed.digest": (DataClass.HASH, "of a secret of 256 bits"),
    "incidents.Evidence.content_type": (DataClass.CODE, "the kind of file, as we found it"),
    "incidents.Evidence.sha256": (DataClass.HASH, "to see that a file is what came in"),
    "incidents.LetterVersion.template_name": (DataClass.CODE, "kind and number of a template"),
    "incidents.LetterVersion.sha256": (DataClass.HASH, ""),
    "incidents.PoliceSheet.evidence": (DataClass.LINK, "ids of files"),
    "incidents.SavedList.name": (DataClass.STAFF, "[OWN] what someone calls a list of their own"),
    "incidents.SavedList.page": (DataClass.CODE, ""),
    "incidents.SavedList.filters": (DataClass.CODE, "never the words that were searched for"),
    "incidents.DataRequest.reference": (DataClass.CODE, "in mails in place of a name"),
    "incidents.DataPiece.source": (DataClass.CODE, "model and column"),
    "incidents.CaseImport.mapping": (DataClass.NUMBER, "numbers of columns, by name of a field"),
    "incidents.ImportBlock.problems": (DataClass.CODE, "number of a row, name of a field, what is wrong with it"),
    "incidents.ImportedCase.digest": (DataClass.HASH, "of its number in the earlier registration"),
    "incidents.Mail.failure": (DataClass.CODE, "what the mail server answered, without the address"),
    "incidents.Heartbeat.name": (DataClass.CODE, ""),
    "incidents.Heartbeat.counts": (DataClass.NUMBER, ""),
    # Months.
    "incidents.Release.shown": (DataClass.COUNTED, "what management sees (ADR 25)"),
    "incidents.Release.digest": (DataClass.HASH, ""),
    "incidents.Correction.figure": (DataClass.CODE, ""),
    "incidents.Correction.reasons": (DataClass.CODE, ""),
    "incidents.Correction.shown": (DataClass.COUNTED, "what management sees (ADR 25)"),
    "incidents.Destruction.terms": (DataClass.NUMBER, "months of each part"),
    "incidents.Destruction.counts": (DataClass.NUMBER, ""),
    "incidents.Destruction.digest": (DataClass.HASH, ""),
    # The trail.
    "audit.AuditEvent.action": (DataClass.CODE, ""),
    "audit.AuditEvent.object_type": (DataClass.CODE, ""),
    "audit.AuditEvent.fields": (DataClass.CODE, "names of fields, never what they hold"),
    "audit.AuditEvent.previous_hash": (DataClass.HASH, ""),
    "audit.AuditEvent.hash": (DataClass.HASH, ""),
    "audit.ChainHead.chain": (DataClass.LINK, ""),
    "audit.ChainHead.hash": (DataClass.HASH, ""),
    "incidents.LogReview.positions": (DataClass.NUMBER, "positions in the trail"),
    # Signing in.
    "mfa.Authenticator.type": (DataClass.CODE, ""),
    "mfa.Authenticator.data": (
        DataClass.MACHINE,
        "secrets in it are sealed (signing_in/sealing.py); public keys are not",
    ),
    "socialaccount.SocialApp.provider": (DataClass.CODE, "no rows: providers stand in SIGN_IN_FILE"),
    "socialaccount.SocialApp.provider_id": (DataClass.CODE, "no rows"),
    "socialaccount.SocialApp.name": (DataClass.HOUSE, "no rows"),
    "socialaccount.SocialApp.client_id": (DataClass.MACHINE, "no rows"),
    "socialaccount.SocialApp.secret": (DataClass.MACHINE, "no rows"),
    "socialaccount.SocialApp.key": (DataClass.MACHINE, "no rows"),
    "socialaccount.SocialApp.settings": (DataClass.MACHINE, "no rows"),
    "socialaccount.SocialAccount.provider": (DataClass.CODE, ""),
    "socialaccount.SocialAccount.uid": (DataClass.STAFF, "the number of the person at the identity provider"),
    "socialaccount.SocialAccount.extra_data": (DataClass.STAFF, "what the identity provider says of its employee"),
    "socialaccount.SocialToken.token": (DataClass.MACHINE, "no rows: tokens are not kept"),
    "socialaccount.SocialToken.token_secret": (DataClass.MACHINE, "no rows"),
    "usersessions.UserSession.ip": (DataClass.STAFF, "shown to the person; goes with the session"),
    "usersessions.UserSession.user_agent": (DataClass.STAFF, "shown to the person; goes with the session"),
    "usersessions.UserSession.session_key": (DataClass.MACHINE, "ends the session from another screen"),
    "usersessions.UserSession.data": (DataClass.MACHINE, "allauth's own; empty"),
    "sessions.Session.session_key": (DataClass.MACHINE, "worth nothing after the session"),
    "sessions.Session.session_data": (DataClass.MACHINE, "who is signed in and since when; never what was typed"),
    "auth.Permission.name": (DataClass.CODE, "Django's own; not used"),
    "auth.Permission.codename": (DataClass.CODE, "Django's own; not used"),
    "auth.Group.name": (DataClass.CODE, "no rows"),
    "contenttypes.ContentType.app_label": (DataClass.CODE, ""),
    "contenttypes.ContentType.model": (DataClass.CODE, ""),
    # A demonstration holds nobody's data; outside of it these have no rows (vpdportal/demo/checks.py).
    "demo.MailboxMessage.message_id": (DataClass.MACHINE, "demonstration"),
    "demo.MailboxMessage.to": (DataClass.STAFF, "demonstration"),
    "demo.MailboxMessage.subject": (DataClass.CODE, "demonstration; mails have no content"),
    "demo.MailboxMessage.body": (DataClass.CODE, "demonstration; mails have no content"),
}


def class_of(field: Any) -> DataClass | None:
    """What a column of a model holds; None when nobody said so yet."""
    if named := READABLE.get(f"{field.model._meta.label}.{field.name}"):
        return named[0]
    if getattr(field, "choices", None):
        return DataClass.CODE
    return next((found for kinds, found in _BY_TYPE if isinstance(field, kinds)), None)


def columns() -> dict[str, Any]:
    """Every column of every model, by Model.column."""
    models_there = apps.get_models(include_auto_created=True)
    return {
        f"{one._meta.label}.{field.name}": field for one in models_there for field in one._meta.local_concrete_fields
    }


def unclassified() -> list[str]:
    """The columns of which nobody said yet what they hold."""
    return [name for name, field in columns().items() if class_of(field) is None]
