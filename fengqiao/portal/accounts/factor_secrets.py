"""What second factors are made from is sealed: secrets of authenticator apps, seeds of recovery codes.

A ciphertext is bound to whose factor it is: in somebody else's row it does not open. The library asks for encryption
before there is a row and for decryption without saying which, so who it is comes from the request, or from whoever
knows better (`of`).
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from allauth.core import context
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from fengqiao.portal.accounts.models import User
from fengqiao.portal.keystore import KeyStoreError, Use, key_store
from fengqiao.portal.vault import sealing
from fengqiao.portal.vault.rotation import BATCH, Rotated

BOUND = "bound:"
UNBOUND, UNBOUND_ROW = "sealed:", b"data"
"""How secrets were sealed before they were bound; they open until a rotation has bound them."""
PURPOSE = "mfa.authenticator"
NAMES = ("secret", "seed")
OWNER: ContextVar[int | None] = ContextVar("owner of second factors", default=None)


@contextmanager
def of(user: User) -> Iterator[None]:
    """Second factors are this user's, whoever the request says: somebody on their way in, or no request at all."""
    before = OWNER.set(user.pk)
    try:
        yield
    finally:
        OWNER.reset(before)


def owner() -> int:
    """Whose second factors are looked at."""
    named = OWNER.get()
    if named is not None:
        return named
    user = getattr(context.request, "user", None)
    if user is None or not user.is_authenticated:
        raise LookupError("a second factor is sealed or opened for nobody: say whose it is (factor_secrets.of)")
    return int(user.pk)


def row_of(user_id: int) -> bytes:
    """What a ciphertext is bound to."""
    return f"user {user_id}".encode()


@sensitive_variables()
def seal(text: str, *, user_id: int) -> str:
    """A secret as it is kept."""
    return BOUND + base64.b64encode(sealing.seal(text, purpose=PURPOSE, row=row_of(user_id))).decode()


@sensitive_variables()
def unseal(kept: str, *, user_id: int) -> str:
    """The secret itself; one that was kept before secrets were sealed is as it stands."""
    if kept.startswith(BOUND):
        return sealing.unseal(blob_of(kept), purpose=PURPOSE, row=row_of(user_id))
    if kept.startswith(UNBOUND):
        return sealing.unseal(blob_of(kept), purpose=PURPOSE, row=UNBOUND_ROW)
    return kept


def is_sealed(kept: str) -> bool:
    """Whether a key was needed for it."""
    return kept.startswith((BOUND, UNBOUND))


def blob_of(kept: str) -> bytes:
    """The sealed bytes."""
    return base64.b64decode(kept.removeprefix(BOUND).removeprefix(UNBOUND))


def kept_in(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The secrets of one authenticator, by name."""
    for name in NAMES:
        if isinstance(data.get(name), str):
            yield name, data[name]


@sensitive_variables()
def reseal(done: Rotated) -> Iterator[int]:
    """Seal what is not sealed with the current key and bound to its owner, batch by batch; rows are held while they are
    written."""
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
        if kept.startswith(BOUND) and blob_of(kept).startswith(head):
            continue
        try:
            row.data[name] = seal(unseal(kept, user_id=row.user_id), user_id=row.user_id)
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
        counted.update(sealing.key_id_of(blob_of(kept)) for _, kept in kept_in(data) if is_sealed(kept))
    return counted
