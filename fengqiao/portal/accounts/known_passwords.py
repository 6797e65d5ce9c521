"""Passwords that others know already: a list of the house, and a larger one of leaked passwords from the operator.

Both are looked at on this machine; nothing of a password leaves it. The list of the house holds digests, so it gives
away no words; small and large letters count as the same.
"""

from __future__ import annotations

import hashlib
import os
from functools import cache
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError

SHORTEST = 10
"""Shorter ones are refused for their length."""
WIDTH = 5
"""Bytes kept of a digest: of a million good passwords about one in ten is taken for a known one."""
HOUSE_LIST = Path(__file__).parent / "data" / "known_passwords.bin"
SHA1_HEX = 40
SENTENCE = "这个密码已经公开泄露过，或者很多人在用，容易被试出来。请换一个只有您知道的；可以用几个不相干的词连起来。"


def digest_of(password: str) -> bytes:
    """What the list of the house keeps of a password."""
    return hashlib.sha256(password.casefold().encode()).digest()[:WIDTH]


@cache
def house_list() -> bytes:
    """The sorted digests, one behind the other."""
    return HOUSE_LIST.read_bytes()


def in_house_list(password: str) -> bool:
    """True when the password is one of the most common ones."""
    wanted, rows = digest_of(password), house_list()
    low, high = 0, len(rows) // WIDTH
    while low < high:
        middle = (low + high) // 2
        if rows[middle * WIDTH : (middle + 1) * WIDTH] < wanted:
            low = middle + 1
        else:
            high = middle
    return rows[low * WIDTH : (low + 1) * WIDTH] == wanted


def in_leaked_file(password: str, path: Path) -> bool:
    """True when the file has the password's SHA-1: lines `DIGEST:COUNT` in the order of the digests, as collections of
    leaked passwords are handed round. Only a few dozen lines of it are read."""
    wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with path.open("rb") as file:
        low, high = 0, file.seek(0, os.SEEK_END)  # the line lies behind `low`, and does not begin behind `high`
        while low < high:
            middle = (low + high) // 2
            file.seek(middle)
            if middle:
                file.readline()  # to the beginning of a line
            line = file.readline()
            if not line or line[:SHA1_HEX].upper() > wanted:
                high = middle
            elif line[:SHA1_HEX].upper() == wanted:
                return True
            else:
                low = middle + 1
        file.seek(0)
        return file.readline()[:SHA1_HEX].upper() == wanted


class KnownPasswordValidator:
    """Refuses what others would try."""

    def validate(self, password: str, user: object = None) -> None:
        """ValidationError when it is known."""
        leaked = settings.ENVIRONMENT.leaked_passwords
        if in_house_list(password) or (leaked and in_leaked_file(password, leaked)):
            raise ValidationError(SENTENCE, code="known_password")

    def get_help_text(self) -> str:
        """Beside the field."""
        return "不能是已经泄露或者很多人在用的密码。"
