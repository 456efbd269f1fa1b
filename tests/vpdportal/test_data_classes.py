"""Every column has a class: nothing readable comes in without a reason (ASVS 14.1)."""

import pytest
from django.db import models

from vpdportal.data_classes import READABLE, DataClass, class_of, columns, unclassified
from vpdportal.encryption import EncryptedTextField

SPEAKING = {DataClass.STAFF, DataClass.MACHINE, DataClass.COUNTED}  # readable though it may say something of someone


def test_every_column_has_a_class():
    assert unclassified() == []


def test_a_new_readable_column_without_a_class_is_found(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delitem(READABLE, "incidents.SavedList.name")
    assert unclassified() == ["incidents.SavedList.name"]


@pytest.mark.parametrize("field", [models.CharField, models.TextField, models.JSONField, models.BinaryField])
def test_no_text_gets_a_class_by_its_type(field: type[models.Field]):
    new = field(max_length=10)
    new.set_attributes_from_name("remark")
    new.model = columns()["incidents.Note.at"].model
    assert class_of(new) is None


def test_what_is_named_readable_exists_and_is_not_sealed():
    assert READABLE.keys() <= columns().keys()
    assert not [name for name in READABLE if isinstance(columns()[name], EncryptedTextField)]


def test_what_says_something_of_someone_has_a_reason():
    assert not [name for name, (kind, why) in READABLE.items() if kind in SPEAKING and not why]


def test_most_of_a_case_is_sealed():
    sealed = [name for name, field in columns().items() if class_of(field) == DataClass.SEALED]
    assert {"incidents.Incident.story", "incidents.Person.sealed_name", "incidents.Draft.sealed_content"} <= set(sealed)
    assert len(sealed) > 60
