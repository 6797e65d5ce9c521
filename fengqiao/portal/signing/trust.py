"""Whose certificates are believed: the built-in test authority's, and those the operator names."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings

from fengqiao.portal.signing.authority import authority
from fengqiao.portal.signing.provider import service


@lru_cache(maxsize=8)
def operator_roots(path: str) -> tuple[bytes, ...]:
    """The certificates (DER) of a PEM file: FENGQIAO_SIGNING_ROOTS."""
    if not path:
        return ()
    found = x509.load_pem_x509_certificates(Path(path).read_bytes())
    return tuple(one.public_bytes(Encoding.DER) for one in found)


def test_root(now: dt.datetime) -> bytes:
    """Of the built-in authority: what ends there is marked as a test."""
    return authority(now).root.public_bytes(Encoding.DER)


def roots(now: dt.datetime) -> tuple[bytes, ...]:
    """All that are believed, the test's first."""
    named = (*service().roots(), *operator_roots(settings.ENVIRONMENT.signing_roots))
    return tuple(dict.fromkeys((test_root(now), *named)))
