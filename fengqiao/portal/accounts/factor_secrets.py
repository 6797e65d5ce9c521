"""What second factors are made from is sealed: secrets of authenticator apps, seeds of recovery codes."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from fengqiao.portal.keystore import KeyStoreError, Use, key_store
from fengqiao.portal.vault import sealing
from fengqiao.portal.vault.rotation import BATCH, Rotated

MARK = "sealed:"
PURPOSE, ROW = "mfa.authenticator", b"data"
"""What the ciphertext is bound to. The library asks for encryption before there is a row, so not to one row."""
NAMES = ("secret", "seed")


@sensitive_variables()
def seal(text: str) -> str:
    """A secret as it is kept."""
    return MARK + base64.b64encode(sealing.seal(text, purpose=PURPOSE, row=ROW)).decode()


@sensitive_variables()
def unseal(kept: str) -> str:
    """The secret itself; one that was kept before secrets were sealed is as it stands."""
    if not kept.startswith(MARK):
        return kept
    return sealing.unseal(blob_of(kept), purpose=PURPOSE, row=ROW)


def blob_of(kept: str) -> bytes:
    """The sealed bytes."""
    return base64.b64decode(kept.removeprefix(MARK))


def kept_in(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The secrets of one authenticator, by name."""
    for name in NAMES:
        if isinstance(data.get(name), str):
            yield name, data[name]


@sensitive_variables()
def reseal(done: Rotated) -> Iterator[int]:
    """Seal what is not sealed with the current key, batch by batch; rows are held while they are written."""
    last = 0
    while True:
        head = sealing.VERSION + bytes.fromhex(key_store().current(Use.SEAL).id)
        with transaction.atomic():
            rows = list(Authenticator.objects.select_for_update().filter(pk__gt=last).order_by("pk")[:BATCH])
            if not rows:
                return
            last = rows[-1].pk
            for row in rows:
                reseal_row(row, head, done)
        yield len(rows)


@sensitive_variables()
def reseal_row(row: Authenticator, head: bytes, done: Rotated) -> None:
    """One authenticator."""
    changed = False
    for name, kept in kept_in(row.data):
        if kept.startswith(MARK) and blob_of(kept).startswith(head):
            continue
        try:
            row.data[name] = seal(unseal(kept))
        except KeyStoreError:
            done.broken.append(f"{Authenticator._meta.db_table}.data {row.pk}")
            continue
        done.values, changed = done.values + 1, True
    if changed:
        row.save(update_fields=("data",))


def usage() -> Counter[str]:
    """How many of these secrets each key has."""
    counted: Counter[str] = Counter()
    for data in Authenticator.objects.values_list("data", flat=True).iterator():
        counted.update(sealing.key_id_of(blob_of(kept)) for _, kept in kept_in(data) if kept.startswith(MARK))
    return counted
