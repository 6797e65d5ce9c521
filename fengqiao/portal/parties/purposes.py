"""What personal data are handled for: the list is data (`data/purposes.toml`), with its legal basis."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "data" / "purposes.toml"


@dataclass(frozen=True)
class Purpose:
    """One purpose, in the words people agree to."""

    id: str
    title: str
    version: str
    text: str
    data: tuple[str, ...]
    basis: str
    consent: bool
    """False where a law makes consent unnecessary."""
    separate: bool
    """True where the law wants a consent of its own (单独同意): sensitive data, passing on."""
    passes_on: bool
    """True when it names an organisation that receives the data."""
    status: str
    missing: str = ""

    @property
    def sha256(self) -> str:
        """The digest of what people agree to."""
        return hashlib.sha256(f"{self.version}\n{self.title}\n{self.text}\n{'、'.join(self.data)}".encode()).hexdigest()

    @property
    def basis_text(self) -> str:
        """The basis as pages show it, doubts included."""
        return f"个人信息保护法{self.basis}" + (f"（待核：{self.missing}）" if self.status == "待核" else "")


@cache
def purposes() -> dict[str, Purpose]:
    """All purposes by their id."""
    with FILE.open("rb") as file:
        rows = tomllib.load(file)
    return {name: Purpose(id=name, **{**row, "data": tuple(row["data"])}) for name, row in rows.items()}
