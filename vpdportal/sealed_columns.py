"""All sealed columns there are, found in the models themselves: counted by key, sealed anew, and opened to see."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Substr

from vpdportal.encryption import EncryptedTextField, SealBroken, beginning_under, keyring, open_seal, seal

Fresh = dict[str, tuple[bytes, bytes]]  # by the name of the column: what stands there, and the same sealed anew
BATCH = 200  # rows in one transaction: short enough that nobody waits for it


@dataclass(frozen=True)
class Unreadable:
    """A value or a file that does not open: `what` names the column or the kind of file, `pk` its row."""

    what: str
    pk: Any
    why: str

    def __str__(self) -> str:
        return f"{self.what} of {self.pk}: {self.why}"


@dataclass(frozen=True)
class SealedTable:
    """A table with the columns in it that are sealed."""

    model: type[models.Model]
    fields: tuple[EncryptedTextField, ...]

    @property
    def name(self) -> str:
        return self.model._meta.label

    def by_key(self) -> "Counter[str]":
        """How many values stand under each key of FIELD_KEYS; under "" those of a key that is not there."""
        found: Counter[str] = Counter()
        for field in self.fields:
            filled = self._rows.filter(**{f"{field.name}__isnull": False})
            left = filled.count()
            for key_id in keyring(settings.FIELD_KEYS):
                number = filled.alias(head=_head(field, key_id)).filter(head=beginning_under(key_id)).count()
                found[key_id] += number
                left -= number
            found[""] += left
        return +found

    def seal_anew(self, batch: int = BATCH) -> Iterator[tuple[int, list[Unreadable]]]:
        """Bring every value under the newest key; after each transaction, the rows of it and what did not open.

        A row that was changed meanwhile is left as it is: it is written under the newest key, or found next time.
        """
        last = None
        while rows := self._old_rows(last, batch):
            made = [self._sealed_anew(pk, values) for pk, *values in rows]
            self._replace({pk: fresh for (pk, *_values), (fresh, _broken) in zip(rows, made, strict=True) if fresh})
            last = rows[-1][0]
            yield len(rows), [one for _fresh, broken in made for one in broken]

    def unreadable(self) -> Iterator[Unreadable]:
        """Open every value of the table; gives those that do not open."""
        rows = self._rows.order_by("pk").values_list("pk", *(field.name for field in self.fields))
        for pk, *values in rows.iterator(chunk_size=2000):
            for field, value in zip(self.fields, values, strict=True):
                if value is not None:
                    try:
                        open_seal(bytes(value), place=field.place_of(pk)).decode()
                    except (SealBroken, UnicodeDecodeError) as error:
                        yield Unreadable(f"{self.name}.{field.name}", pk, str(error))

    @property
    def _rows(self) -> "QuerySet[Any]":
        return self.model._base_manager.all()

    def _old_rows(self, after: Any, batch: int) -> list[tuple[Any, ...]]:
        newest = next(iter(keyring(settings.FIELD_KEYS)))
        rows, is_old = self._rows, Q()
        for field in self.fields:
            head = f"{field.name}_head"
            rows = rows.alias(**{head: _head(field, newest)})
            is_old |= Q(**{f"{field.name}__isnull": False}) & ~Q(**{head: beginning_under(newest)})
        if after is not None:
            rows = rows.filter(pk__gt=after)
        names = [field.name for field in self.fields]
        return list(rows.filter(is_old).order_by("pk").values_list("pk", *names)[:batch])

    def _sealed_anew(self, pk: Any, values: list[bytes | None]) -> tuple[Fresh, list[Unreadable]]:
        newest = beginning_under(next(iter(keyring(settings.FIELD_KEYS))))
        fresh, broken = {}, []
        for field, value in zip(self.fields, values, strict=True):
            if value is None or value.startswith(newest):
                continue
            place = field.place_of(pk)
            try:
                fresh[field.name] = (value, seal(open_seal(value, place=place), place=place))
            except SealBroken as error:
                broken.append(Unreadable(f"{self.name}.{field.name}", pk, str(error)))
        return fresh, broken

    def _replace(self, rows: dict[Any, Fresh]) -> None:
        """In one transaction, where what was read still stands. Rows with the same columns share one statement."""
        alike: dict[tuple[str, ...], list[tuple[Any, Fresh]]] = defaultdict(list)
        for pk, fresh in rows.items():
            alike[tuple(fresh)].append((pk, fresh))
        key = self.model._meta.pk
        assert key is not None
        with transaction.atomic(), connection.cursor() as cursor:
            for names, those in alike.items():
                columns = [_quoted(self.model._meta.get_field(name)) for name in names]
                statement = (
                    f"UPDATE {connection.ops.quote_name(self.model._meta.db_table)} "
                    f"SET {', '.join(f'{column} = %s' for column in columns)} "
                    f"WHERE {' AND '.join(f'{column} = %s' for column in (_quoted(key), *columns))}"
                )
                cursor.executemany(
                    statement,
                    [
                        (
                            *(fresh[name][1] for name in names),
                            key.get_db_prep_value(pk, connection),
                            *(fresh[name][0] for name in names),
                        )
                        for pk, fresh in those
                    ],
                )


def _quoted(field: Any) -> str:
    return connection.ops.quote_name(field.column)


def sealed_tables() -> list[SealedTable]:
    """Every table that has a sealed column, by name."""
    found = []
    for model in apps.get_models(include_auto_created=True):
        fields = tuple(field for field in model._meta.local_fields if isinstance(field, EncryptedTextField))
        if fields:
            found.append(SealedTable(model, fields))
    return sorted(found, key=lambda table: table.name)


def _head(field: EncryptedTextField, key_id: str) -> Substr:
    return Substr(field.name, 1, len(beginning_under(key_id)), output_field=models.BinaryField())
