"""What an access token looks like: `fq_<prefix>_<secret><checksum>`.

Letters and digits alone, of fixed lengths: a double click takes all of it, scanners of source code find it by one
pattern, and what was mistyped or cut off is known as such without asking the database.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import zlib
from dataclasses import dataclass

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
MARK = "fq"
PREFIX_LENGTH, SECRET_LENGTH, CHECKSUM_LENGTH = 8, 43, 6
SECRET_BITS = 256
PATTERN = re.compile(
    rf"{MARK}_(?P<prefix>[0-9A-Za-z]{{{PREFIX_LENGTH}}})"
    rf"_(?P<secret>[0-9A-Za-z]{{{SECRET_LENGTH}}})(?P<checksum>[0-9A-Za-z]{{{CHECKSUM_LENGTH}}})"
)
LENGTH = len(MARK) + 2 + PREFIX_LENGTH + SECRET_LENGTH + CHECKSUM_LENGTH


def spelt(number: int, length: int) -> str:
    """A number in letters and digits, of a fixed length."""
    signs = []
    for _ in range(length):
        number, rest = divmod(number, len(ALPHABET))
        signs.append(ALPHABET[rest])
    if number:
        raise ValueError("the number is too large for its length")
    return "".join(reversed(signs))


def checksum_of(text: str) -> str:
    """What stands at the end, so that a slip is seen; no protection against anybody."""
    return spelt(zlib.crc32(text.encode()), CHECKSUM_LENGTH)


@dataclass(frozen=True)
class Spelling:
    """A token in its parts. Only the digest of the whole is kept."""

    prefix: str
    """By which people recognise it, and by which it is looked up."""
    digest: str
    """SHA-256: 256 random bits need no slow one."""


def spelling_of(text: str) -> Spelling:
    """The parts of a whole token."""
    return Spelling(text.split("_")[1], hashlib.sha256(text.encode()).hexdigest())


def make() -> tuple[str, Spelling]:
    """A new token and what is kept of it."""
    prefix = spelt(secrets.randbelow(len(ALPHABET) ** PREFIX_LENGTH), PREFIX_LENGTH)
    body = f"{MARK}_{prefix}_{spelt(secrets.randbits(SECRET_BITS), SECRET_LENGTH)}"
    text = body + checksum_of(body)
    return text, spelling_of(text)


def read(text: str) -> Spelling | None:
    """The parts of what somebody sent; None for what is no token, or has a slip in it."""
    if len(text) != LENGTH or not PATTERN.fullmatch(text):
        return None
    body, checksum = text[:-CHECKSUM_LENGTH], text[-CHECKSUM_LENGTH:]
    return spelling_of(text) if checksum_of(body) == checksum else None
