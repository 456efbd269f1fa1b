"""Which rows are of an organisation and go along, and why the others do not. A model in neither list fails a test."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import Q

from incidents.models import Mail
from vpdportal.accounts.models import Organisation, User
from vpdportal.audit.models import AuditEvent, ChainHead

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
    """The rows of one model that are of an organisation.

    By the `column` that holds its id; or, of what organisations share, by the `keys` that rows of it point at.
    """

    model: Any
    column: str = ""
    keys: Callable[[UUID], set[UUID]] | None = None

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
        mine = Q(pk__in=self.keys(organisation_id)) if self.keys else Q(**{self.column: str(organisation_id)})
        return self.model._default_manager.filter(mine).order_by("pk")


def kinds() -> list[Kind]:
    """Every kind of row that goes along, by name."""
    found = [Kind(Organisation, "id"), Kind(ChainHead, "chain"), Kind(User, keys=_people), Kind(Mail, keys=_mails)]
    for model in apps.get_models():
        meta = model._meta
        if (
            meta.app_label in OURS
            and meta.label not in STAYS
            and any(field.attname == "organisation_id" for field in meta.concrete_fields)
        ):
            found.append(Kind(model, "organisation_id"))
    return sorted(found, key=lambda kind: kind.label)


def _people(organisation_id: UUID) -> set[UUID]:
    """Who is, was or will be something here, and whomever a row of here points at."""
    people = _pointed_at(User, organisation_id)
    people |= set(Mail.objects.filter(pk__in=_mails(organisation_id)).values_list("recipient", flat=True))
    events = AuditEvent.objects.filter(organisation_id=organisation_id).order_by()
    return people | {actor for actor in events.values_list("actor_id", flat=True).distinct() if actor}


def _mails(organisation_id: UUID) -> set[UUID]:
    """Those in which a notice of here went: without them it would go out a second time."""
    return _pointed_at(Mail, organisation_id)


def _pointed_at(target: Any, organisation_id: UUID) -> set[UUID]:
    found: set[UUID] = set()
    for model in apps.get_models():
        meta = model._meta
        columns = [one.attname for one in meta.concrete_fields if one.related_model is target]
        if meta.app_label in OURS and meta.label not in STAYS and columns and hasattr(model, "organisation"):
            rows = model._default_manager.filter(organisation_id=organisation_id).order_by()
            for column in columns:
                kept = rows.filter(**{f"{column}__isnull": False})
                found |= set(kept.values_list(column, flat=True).distinct())
    return found
