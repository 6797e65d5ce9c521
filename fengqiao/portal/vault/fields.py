"""Model fields for personal data. What they promise, and what not: docs/methods/personal_data.md.

    phone = SealedField("手机号", purpose="party.phone", kind=Kind.MOBILE, index=True, blank=True)

adds two columns beside its own: `phone_index` (with index=True), and one `seal_row` for all sealed fields of the model.
Look up by `Party.objects.filter(lookup(Party, "phone", typed))`; read `party.phone` for the mask.
"""

from __future__ import annotations

import base64
import uuid
from typing import Any

from django.core import checks
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Model, Q
from django.db.models.query_utils import DeferredAttribute
from django.db.models.signals import pre_save
from django.views.decorators.debug import sensitive_variables

from fengqiao.portal.keystore import Use, key_store
from fengqiao.portal.vault import sealing
from fengqiao.portal.vault.kinds import Kind
from fengqiao.portal.vault.sealed import Column, Sealed, open_sealed

NUMBERS = (Kind.IDENTITY_NUMBER, Kind.MOBILE, Kind.BANK_ACCOUNT, Kind.PASSPORT, Kind.CREDIT_CODE)
ROW = "seal_row"
PORTABLE = "sealed:"


class SealedAttribute(DeferredAttribute):
    """Gives the value bound to its row, and takes texts."""

    def __get__(self, instance: Model | None, cls: type[Model] | None = None) -> Any:
        if instance is None:
            return self
        value = super().__get__(instance, cls)
        if isinstance(value, Sealed) and value.blob and value._row is None:
            value = Sealed(value.column, blob=value.blob, row=row_of(instance))
            instance.__dict__[self.field.attname] = value
        return value

    @sensitive_variables()
    def __set__(self, instance: Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = self.field.taken(value)


class SealedField(models.BinaryField):
    """Personal data, encrypted in the database."""

    descriptor_class = SealedAttribute

    def __init__(
        self, verbose_name: str | None = None, *, purpose: str = "", kind: Kind = Kind.TEXT, index: bool = False,
        companions: bool = True, **given: Any,
    ) -> None:  # fmt: skip
        self.column_of = Column(purpose, Kind(kind))
        self.indexed, self.companions = index, companions
        super().__init__(verbose_name, **given)

    def deconstruct(self) -> Any:
        name, path, args, given = super().deconstruct()
        given |= {"purpose": self.column_of.purpose, "kind": str(self.column_of.kind), "index": self.indexed}
        given["companions"] = False  # in migrations they are fields like any other
        return name, path, args, given

    def contribute_to_class(self, cls: type[Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, self.attname, self.descriptor_class(self))
        if not self.companions or cls._meta.abstract:
            return
        there = {field.name for field in cls._meta.local_fields}
        if ROW not in there:
            row = models.UUIDField("密文所属行", default=uuid.uuid4, editable=False)
            cls.add_to_class(ROW, row)
        if self.indexed and self.index_name not in there:
            cls.add_to_class(self.index_name, BlindIndexField(name))
            pre_save.connect(both_or_neither, sender=cls, dispatch_uid=f"{self.column_of.purpose}.{name}")

    @property
    def index_name(self) -> str:
        """The column of the blind index."""
        return f"{self.name}_index"

    @sensitive_variables()
    def taken(self, value: Any) -> Sealed | Any:
        """A value as the attribute holds it: never a bare text."""
        if value is None or value == "":
            return Sealed(self.column_of)
        if isinstance(value, Sealed):
            if value.column == self.column_of:
                return value
            return Sealed(self.column_of, text=open_sealed(value))
        if isinstance(value, str):
            if "*" in value and self.column_of.kind in NUMBERS:
                raise ValueError(f"{self.name} was given a mask instead of the value.")
            return Sealed(self.column_of, text=value)
        if hasattr(value, "resolve_expression"):
            raise TypeError(f"{self.name} is sealed: the database cannot compute it.")
        raise TypeError(f"{self.name} is sealed and takes a text, not a {type(value).__name__}.")

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Sealed:
        return Sealed(self.column_of, blob=bytes(value) if value else None)

    @sensitive_variables()
    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and value.startswith(PORTABLE):  # of a dump of the database
            return Sealed(self.column_of, blob=base64.b64decode(value.removeprefix(PORTABLE)))
        return self.taken(value)

    def value_to_string(self, obj: Model) -> str:
        value = self.value_from_object(obj)
        if value and not value.blob:
            raise TypeError(f"{self.name} of an object that is not saved cannot be written down.")
        return PORTABLE + base64.b64encode(value.blob).decode() if value else ""

    @sensitive_variables()
    def pre_save(self, model_instance: Model, add: bool) -> bytes | None:
        """Seal what was set; seal anew what another key had sealed, so that old keys run dry."""
        value: Sealed = getattr(model_instance, self.attname)
        if not value:
            return None if self.null else b""
        row = row_of(model_instance)
        current = key_store().current(Use.SEAL).id
        if value.blob is None or value._row != row or sealing.key_id_of(value.blob) != current:
            text = open_sealed(value)
            value = Sealed(self.column_of, blob=sealing.seal(text, purpose=self.column_of.purpose, row=row), row=row)
            model_instance.__dict__[self.attname] = value
        return value.blob

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, Sealed):
            if value and value.blob is None:
                raise TypeError(f"{self.name} is sealed: set the attribute and save the object.")
            return value.blob
        if isinstance(value, str):
            raise TypeError(f"{self.name} is sealed: look it up with vault.fields.lookup, set it on the object.")
        return super().get_prep_value(value)

    def get_default(self) -> Any:
        return None

    def validate(self, value: Any, model_instance: Model | None) -> None:
        if not value and not self.blank:
            raise ValidationError(self.error_messages["blank"], code="blank")

    def check(self, **given: Any) -> list[checks.CheckMessage]:
        found = super().check(**given)
        if not self.column_of.purpose:
            found.append(
                checks.Error("A sealed field needs a purpose, as purpose='party.phone'.", obj=self, id="vault.E001")
            )
        twins = [
            field for field in sealed_fields() if field.column_of.purpose == self.column_of.purpose and field != self
        ]
        if twins:
            found.append(
                checks.Error(f"{twins[0]} has the same purpose: values could be moved.", obj=self, id="vault.E002")
            )
        return found


class BlindIndexField(models.CharField):
    """The keyed digest of a sealed field: equal for equal values, and for nobody without the key more than that."""

    def __init__(self, source: str = "", **given: Any) -> None:
        self.source = source
        super().__init__(
            **{"max_length": sealing.INDEX_LENGTH, "blank": True, "editable": False, "db_index": True, **given}
        )

    def deconstruct(self) -> Any:
        name, path, args, given = super().deconstruct()
        return name, path, args, {**given, "source": self.source}

    @sensitive_variables()
    def pre_save(self, model_instance: Model, add: bool) -> str:
        value: Sealed = getattr(model_instance, self.source)
        index = (
            sealing.index_of(open_sealed(value), kind=value.column.kind, purpose=value.column.purpose) if value else ""
        )
        setattr(model_instance, self.attname, index)
        return index


def row_of(instance: Model) -> bytes:
    """What a row's sealed values are bound to."""
    value = getattr(instance, ROW)
    return value.bytes if isinstance(value, uuid.UUID) else uuid.UUID(str(value)).bytes


def both_or_neither(sender: type[Model], update_fields: frozenset[str] | None, **given: Any) -> None:
    """A sealed value and its index are saved together."""
    for field in fields_of(sender):
        if (
            update_fields is not None
            and field.indexed
            and (field.name in update_fields) != (field.index_name in update_fields)
        ):
            raise ValueError(f"Save {field.name} and {field.index_name} together: update_fields has only one of them.")


def fields_of(model: type[Model]) -> list[SealedField]:
    """The sealed fields of a model."""
    return [field for field in model._meta.local_concrete_fields if isinstance(field, SealedField)]


def sealed_fields() -> list[SealedField]:
    """All sealed fields of all apps."""
    from django.apps import apps

    models_ = apps.get_models(include_auto_created=True)
    return [field for model in models_ if not model._meta.proxy and model._meta.managed for field in fields_of(model)]


@sensitive_variables()
def lookup(model: type[Model], name: str, text: str, *, path: str = "") -> Q:
    """The condition "this sealed field has this value". path: the way from the queried model, as `party__person__`."""
    field = model._meta.get_field(name)
    if not isinstance(field, SealedField) or not field.indexed:
        raise TypeError(f"{model.__name__}.{name} has no blind index; declare it with index=True.")
    found = sealing.indexes_of(text, kind=field.column_of.kind, purpose=field.column_of.purpose)
    return Q(**{f"{path}{field.index_name}__in": found})
