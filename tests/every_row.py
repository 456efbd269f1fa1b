"""A row of every table of ours, each text in it a word of its own: for what must hold of all of them."""

from datetime import timedelta
from typing import Any

from django.apps import apps
from django.db import models

from incidents.models import CaseLink, CaseWords, Incident, Task
from incidents.vocabulary import TaskKind
from tests import clock
from tests.world import Place, make_incident
from vpdportal.accounts.models import Organisation, User
from vpdportal.data_classes import DataClass, class_of
from vpdportal.encryption import EncryptedTextField

OURS = ("accounts", "guidance", "incidents")
READABLE = {DataClass.STAFF, DataClass.HOUSE}
Words = dict[str, str]  # the word that stands in a column, by Model.column


class Rows:
    """Makes rows as the tables ask, with what they point at; one of each."""

    def __init__(self, town: Place) -> None:
        self.town = town
        self.sealed: Words = {}
        self.readable: Words = {}
        self.made: dict[type[models.Model], Any] = {Organisation: town.organisation, User: town.employee}
        self.made[Incident] = make_incident(town)
        for row in self.made.values():
            self._put_words(row)
            row.save()
        if words := CaseWords.objects.first():  # where words can be searched the report has them
            self.made[CaseWords] = words
        for model in apps.get_models():
            if model._meta.app_label in OURS:
                self.row_of(model)

    def row_of(self, model: type[models.Model]) -> Any:
        """The row of this table."""
        if model not in self.made:
            asked = {field.name: self._value(field) for field in model._meta.concrete_fields if _is_asked(field)}
            row = self.made[model] = model(**{**asked, **self._held_by_a_constraint(model)})
            self._put_words(row)
            row.save(force_insert=True)
        return self.made[model]

    def _value(self, field: Any) -> Any:
        if field.is_relation:
            return self.row_of(field.related_model)
        if field.choices:
            return next(value for value, _label in field.flatchoices if value not in (None, ""))
        if isinstance(field, models.DateField):
            moment = clock.now() + timedelta(days=field.name in {"until", "ends_at"})
            return moment if isinstance(field, models.DateTimeField) else moment.date()
        return b"x" if isinstance(field, models.BinaryField) else field.to_python(1)

    def _held_by_a_constraint(self, model: type[models.Model]) -> dict[str, Any]:
        if model is CaseLink:
            return {"other": make_incident(self.town)}
        return {"kind": TaskKind.TALK} if model is Task else {}

    def _put_words(self, row: Any) -> None:
        for field in row._meta.concrete_fields:
            is_sealed = isinstance(field, EncryptedTextField)
            is_free = isinstance(field, models.CharField | models.TextField) and not field.choices
            words = self.sealed if is_sealed else self.readable
            word = f"kanarie{len(self.sealed) + len(self.readable):03d}x"
            if is_sealed or (is_free and class_of(field) in READABLE and (field.max_length or 99) >= len(word)):
                words[f"{field.model.__name__}.{field.name}"] = word
                setattr(row, field.attname, word)


def _is_asked(field: Any) -> bool:
    return not field.null and (field.is_relation or not (field.has_default() or field.blank))
