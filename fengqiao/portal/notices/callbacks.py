"""What a gateway reports: believed when it is signed with the shared key, fresh, and not seen before."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac

from django.core.cache import cache

FRESH = 300
"""Seconds by which the moment of a report may differ from ours."""


def signature_of(key: str, moment: str, body: bytes) -> str:
    """HMAC-SHA256 of moment, a point, and the body."""
    return hmac.new(key.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()


def believable(*, key: str, moment: str, signature: str, body: bytes, now: dt.datetime) -> bool:
    """True for a report that is signed and fresh; without a key nothing is."""
    if not key or not moment.isdecimal() or len(moment) > 12:
        return False
    if not hmac.compare_digest(signature_of(key, moment, body).encode(), signature.encode()):
        return False
    return abs(now.timestamp() - int(moment)) <= FRESH


def first_time(signature: str) -> bool:
    """False for a report that was brought before."""
    return bool(cache.add(f"notices:report:{signature}", 1, 2 * FRESH + 60))
