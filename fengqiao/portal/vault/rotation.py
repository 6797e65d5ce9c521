"""Sealing everything anew with the current keys, a small batch at a time, while the portal runs.

Safe to stop at any point and to start again: what is done is found by the number of the key in each value.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import models, transaction
from django.db.models import F, Func, Q, Value
from django.views.decorators.debug import sensitive_variables

from fengqiao.portal.audit import actions as audit
from fengqiao.portal.audit.stamp import Stamp
from fengqiao.portal.keystore import Key, KeyStoreError, Use, key_store
from fengqiao.portal.vault import sealing
from fengqiao.portal.vault.fields import ROW, SealedField, sealed_fields

BATCH = 200
ROUNDS = 5
PROGRESS = Callable[[str, int], None]


@dataclass
class Rotated:
    """What a rotation did."""

    values: int = 0
    overtaken: int = 0
    """Rows that somebody changed in between; they were looked at again."""
    broken: list[str] = field(default_factory=list)
    """Values that cannot be opened, by table, column and row."""


@dataclass(frozen=True)
class Elsewhere:
    """Sealed values outside sealed columns: the app that keeps them says how they are sealed anew, and counted."""

    name: str
    reseal: Callable[[Rotated], Iterator[int]]
    usage: Callable[[], Counter[str]]


ELSEWHERE: list[Elsewhere] = []


def head_of(name: str, length: int) -> Func:
    """The first bytes of a column."""
    return Func(F(name), Value(1), Value(length), function="SUBSTR", output_field=models.BinaryField())


def stale(field: SealedField, seal: Key, index: Key) -> Q:
    """Rows whose value or index was made with another key than the current one."""
    other = (
        ~Q(**{f"{field.name}__isnull": True})
        & ~Q(seal_head=b"")
        & ~Q(seal_head=sealing.VERSION + bytes.fromhex(seal.id))
    )
    if field.indexed:
        other |= ~Q(**{field.index_name: ""}) & ~Q(**{f"{field.index_name}__startswith": index.id})
    return other


def stale_rows(field: SealedField, seal: Key, index: Key) -> Any:
    """The query of them, in the order of their numbers."""
    rows = field.model._base_manager.annotate(seal_head=head_of(field.name, sealing.PREFIX))
    return rows.filter(stale(field, seal, index)).order_by("pk")


def rotate(*, stamp: Stamp, now: dt.datetime, progress: PROGRESS = lambda name, count: None) -> Rotated:
    """Seal every value with the current keys. Leaves one event when it has done anything."""
    done = Rotated()
    for _ in range(ROUNDS):  # again for rows that were overtaken; each round finds fewer
        before = done.overtaken
        done.broken.clear()
        for each in sealed_fields():
            for count in reseal_column(each, done):
                progress(each.column_of.purpose, count)
        for further in ELSEWHERE:
            for count in further.reseal(done):
                progress(further.name, count)
        if done.overtaken == before:
            break
    if done.values:
        store = key_store()
        after = {"seal": store.current(Use.SEAL).id, "index": store.current(Use.INDEX).id, "values": done.values}
        with transaction.atomic():
            audit.record(stamp=stamp, verb="vault.rotated", subject=None, after=after, now=now)
    return done


def reseal_column(field: SealedField, done: Rotated) -> Iterator[int]:
    """One column, batch by batch; how many values each batch dealt with."""
    store, last = key_store(), None
    while True:
        seal, index = store.current(Use.SEAL), store.current(Use.INDEX)
        rows = stale_rows(field, seal, index)
        names = ("pk", field.name, ROW, *((field.index_name,) if field.indexed else ()))
        batch = list((rows if last is None else rows.filter(pk__gt=last)).values_list(*names)[:BATCH])
        if not batch:
            return
        last = batch[-1][0]
        with transaction.atomic():
            for row in batch:
                reseal(field, row, done)
        yield len(batch)


@sensitive_variables()
def reseal(field: SealedField, row: tuple[Any, ...], done: Rotated) -> None:
    """One value: written only if nobody has changed it meanwhile."""
    pk, sealed, row_id, *old_index = row
    purpose, kind = field.column_of.purpose, field.column_of.kind
    try:
        text = sealing.unseal(sealed.blob or b"", purpose=purpose, row=row_id.bytes)
    except KeyStoreError:
        done.broken.append(f"{field.model._meta.db_table}.{field.column} {pk}")
        return
    new: dict[str, Any] = {field.name: sealing.seal(text, purpose=purpose, row=row_id.bytes)}
    same: dict[str, Any] = {field.name: sealed.blob}
    if field.indexed:
        new[field.index_name] = sealing.index_of(text, kind=kind, purpose=purpose)
        same[field.index_name] = old_index[0]
    if field.model._base_manager.filter(pk=pk, **same).update(**new):
        done.values += 1
    else:
        done.overtaken += 1


def usage() -> dict[str, int]:
    """How many values and indexes each key has, in sealed columns and elsewhere."""
    counted: Counter[str] = Counter()
    for each in sealed_fields():
        rows = each.model._base_manager.annotate(seal_head=head_of(each.name, sealing.PREFIX))
        filled = rows.exclude(**{f"{each.name}__isnull": True}).exclude(seal_head=b"").order_by()
        for head, count in filled.values_list("seal_head").annotate(count=models.Count("pk")):
            counted[bytes(head)[1:].hex()] += count
        if each.indexed:
            start = Func(F(each.index_name), Value(1), Value(8), function="SUBSTR", output_field=models.CharField())
            indexed = each.model._base_manager.exclude(**{each.index_name: ""}).annotate(key=start).order_by()
            for key_id, count in indexed.values_list("key").annotate(count=models.Count("pk")):
                counted[key_id] += count
    for further in ELSEWHERE:
        counted.update(further.usage())
    return dict(counted)


def make_key(*, use: Use, algorithm: str | None = None, stamp: Stamp, now: dt.datetime) -> Key:
    """A new key, current from now on, with its event."""
    with transaction.atomic():
        key = key_store().new(use, algorithm=algorithm, now=now)
        after = {"key": key.id, "use": key.use, "algorithm": key.algorithm}
        audit.record(stamp=stamp, verb="vault.key_made", subject=("vault.key", key.id), after=after, now=now)
    return key


def retire_key(*, key_id: str, stamp: Stamp, now: dt.datetime) -> Key:
    """Put a key aside that no value needs any more."""
    key = key_store().get(key_id)
    if key.use in (Use.AUDIT, Use.SIGN):
        raise KeyStoreError(f"{key_id} 是审计或签名密钥：已有的链头、摘要和证据始终要用它核对，不能停用。")
    if key_store().current(key.use).id == key_id:
        raise KeyStoreError(f"{key_id} 是当前密钥，不能停用。请先用 fengqiao keys new 生成新的密钥。")
    with transaction.atomic():
        if left := usage().get(key_id, 0):
            raise KeyStoreError(f"还有 {left} 个值使用密钥 {key_id}，没有停用。请先执行 fengqiao keys rotate。")
        audit.record(stamp=stamp, verb="vault.key_retired", subject=("vault.key", key_id), now=now)
        return key_store().retire(key_id)
