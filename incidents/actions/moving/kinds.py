"""Which rows are of an organisation and go along, and why the others do not. A model in neither list fails a test."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import Q

from incidents.models import Alarm, Mail, News, Notice
from vpdportal.accounts.models import Organisation, User
from vpdportal.audit.models import AuditEvent

OURS = ("accounts", "audit", "guidance", "incidents")

STAYS: dict[str, str] = {
    "incidents.CaseWords": "hashes with LOOKUP_KEY; made anew from the words of the case",
    "incidents.PersonKey": "hashes with LOOKUP_KEY; made anew from the record of the person",
    "incidents.OfflineKey": "locks of devices of people, who get a new one at their next sign-in",
    "incidents.CalendarFeed": "a secret address at this portal; whoever wants one makes it anew",
    "incidents.SavedList": "a person's own filters, of all organisations where that person works",
    "incidents.Heartbeat": "how this machine runs",
}
# Columns that stay: what opens the door of this portal opens no other one.
LEFT_OUT = {"accounts.User": ("password", "last_login")}


@dataclass(frozen=True)
class Kind:
    """The rows of one model that are of an organisation. `rows`: the filter, by the organisation's id."""

    model: Any
    rows: Callable[[UUID], Q]

    @property
    def label(self) -> str:
        label: str = self.model._meta.label
        return label

    @property
    def fields(self) -> list[Any]:
        left_out = LEFT_OUT.get(self.label, ())
        return [one for one in self.model._meta.concrete_fields if one.name not in left_out]

    def of(self, organisation_id: UUID) -> Any:
        """In the order of their keys."""
        return self.model._default_manager.filter(self.rows(organisation_id)).order_by("pk")


def kinds() -> list[Kind]:
    """Every kind of row that goes along, by name."""
    found = [Kind(Organisation, lambda pk: Q(pk=pk)), Kind(User, _users), Kind(Mail, _mails)]
    found.append(Kind(apps.get_model("audit", "ChainHead"), lambda pk: Q(chain=str(pk))))
    for model in apps.get_models():
        meta = model._meta
        if (
            meta.app_label in OURS
            and meta.label not in STAYS
            and any(field.attname == "organisation_id" for field in meta.concrete_fields)
        ):
            found.append(Kind(model, lambda pk: Q(organisation_id=pk)))
    return sorted(found, key=lambda kind: kind.label)


def _users(organisation_id: UUID) -> Q:
    """Who is, was or will be something here, and whomever a row of here points at."""
    people: set[UUID | None] = set()
    for model in apps.get_models():
        meta = model._meta
        columns = [one.attname for one in meta.concrete_fields if one.related_model is User]
        if meta.app_label in OURS and meta.label not in STAYS and columns and hasattr(model, "organisation"):
            rows = model._default_manager.filter(organisation_id=organisation_id).order_by()
            for column in columns:
                people |= set(rows.values_list(column, flat=True).distinct())
    people |= set(Mail.objects.filter(_mails(organisation_id)).values_list("recipient", flat=True))
    events = AuditEvent.objects.filter(organisation_id=organisation_id).order_by()
    people |= set(events.values_list("actor_id", flat=True).distinct())
    return Q(pk__in=people - {None})


def _mails(organisation_id: UUID) -> Q:
    """Those in which a notice of here went: without them it would go out a second time."""
    found: set[UUID | None] = set()
    for model in (Notice, Alarm, News):
        rows = model.objects.filter(organisation=organisation_id, mail__isnull=False).order_by()
        found |= set(rows.values_list("mail", flat=True).distinct())
    return Q(pk__in=found)
