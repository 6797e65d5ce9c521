"""The envelope of a signed document: a detached signature with SM2 and SM3 (GB/T 32918.2) over the same bytes."""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import Any

from fengqiao.portal.audit.digests import sm3
from fengqiao.portal.signing.authority import MARK, SM2_ORDER

SIGNER_ID = "1234567812345678"
"""The identifier that GM/T 0009 sets where nothing else is agreed."""


def envelope(data: bytes, pair: dict[str, str]) -> bytes:
    """The envelope of a document, by the pair of keys of an authority."""
    public, once = pair["public"], secrets.randbelow(SM2_ORDER - 1) + 1
    signature = _machine(public, pair["private"]).sign(digest(data, public), f"{once:064x}")
    return json.dumps(
        {"format": "fengqiao-sm2-envelope-1", "note": MARK, "bytes": len(data), "sm3": sm3(data).hex(),
         "sha256": hashlib.sha256(data).hexdigest(), "signer_id": SIGNER_ID, "public_key": public,
         "signature": signature}, ensure_ascii=False, indent=1,
    ).encode()  # fmt: skip


def holds(data: bytes, made: bytes) -> bool:
    """True when an envelope belongs to these bytes, and its signature holds."""
    given = json.loads(made)
    public = given["public_key"]
    return given["sm3"] == sm3(data).hex() and bool(_machine(public).verify(given["signature"], digest(data, public)))


def digest(data: bytes, public_key: str) -> bytes:
    """What is signed (GB/T 32918.2, 5.5 and 6.1): SM3 over the signer's identifier and key, and the document.

    gmssl would compute the same in pure Python, which takes seconds for a document of a megabyte.
    """
    from gmssl import sm2

    curve, name = sm2.default_ecc_table, SIGNER_ID.encode()
    signer = bytes.fromhex(curve["a"] + curve["b"] + curve["g"] + public_key)
    return sm3(sm3((len(name) * 8).to_bytes(2, "big") + name + signer) + data)


def _machine(public_key: str, private_key: str = "") -> Any:
    from gmssl import sm2

    made = sm2.CryptSM2(private_key=private_key, public_key=public_key)
    made.public_key = public_key  # it takes a leading 04 off, also where that is the beginning of the number itself
    return made
