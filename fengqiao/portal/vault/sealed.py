"""A sealed value in the hands of the program: shows its mask everywhere; the text comes out by name only."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Any, NoReturn

from django.views.decorators.debug import sensitive_variables

from fengqiao.engine.errors import FengqiaoError
from fengqiao.portal.vault import sealing
from fengqiao.portal.vault.kinds import Kind, mask

UNREADABLE = "（无法读取）"
UNBOUND = "（已加密）"


@dataclass(frozen=True)
class Column:
    """What a sealed value is and where it belongs."""

    purpose: str
    kind: Kind


class Sealed:
    """A value of a sealed column. str, repr and format give the mask; it has no JSON and no pickle form.

    Read from a row it holds the ciphertext, newly set it holds the text until it is saved.
    """

    __slots__ = ("_blob", "_row", "_text", "column")

    def __init__(
        self, column: Column, *, blob: bytes | None = None, row: bytes | None = None, text: str | None = None
    ) -> None:
        self.column, self._blob, self._row, self._text = column, blob, row, text

    def __bool__(self) -> bool:
        return bool(self._blob or self._text)

    @sensitive_variables()
    def __str__(self) -> str:
        if not self:
            return ""
        if self._text is None and self._row is None:
            return UNBOUND
        try:
            return mask(self.column.kind, open_sealed(self))
        except FengqiaoError:
            return UNREADABLE

    def __repr__(self) -> str:
        return f"<Sealed {self.column.purpose}: {self}>"

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    @sensitive_variables()
    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sealed):
            return NotImplemented
        if not (self and other):
            return bool(self) == bool(other)
        return hmac.compare_digest(open_sealed(self).encode(), open_sealed(other).encode())

    __hash__ = None  # type: ignore[assignment]

    def __copy__(self) -> Sealed:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Sealed:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("A sealed value cannot be pickled: it would leave the database in a cache or a queue.")

    @property
    def blob(self) -> bytes | None:
        """The ciphertext; None while the value is not saved."""
        return self._blob

    @sensitive_variables()
    def for_audit(self) -> str:
        """What stands for the value in an audit event: the same for the same value, and says nothing about it."""
        return sealing.index_of(open_sealed(self), kind=self.column.kind, purpose=self.column.purpose) if self else ""


@sensitive_variables()
def open_sealed(sealed: Sealed) -> str:
    """The text of a sealed value, for the program's own use: a letter, an export, a comparison.

    Whoever shows it to a person goes through `vault.actions.reveal`, which leaves an event.
    """
    if sealed._text is not None:
        return sealed._text
    if not sealed._blob:
        return ""
    if sealed._row is None:
        raise TypeError("This value was read without its row (values_list); read the object to open it.")
    return sealing.unseal(sealed._blob, purpose=sealed.column.purpose, row=sealed._row)
