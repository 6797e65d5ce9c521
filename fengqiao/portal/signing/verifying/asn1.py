"""The ASN.1 library that pyHanko itself uses, in the version it came with."""

from __future__ import annotations

from typing import Any

from pyhanko.sign.signers import pdf_signer
from pyhanko.sign.timestamps import dummy_client

_OF_STAMPS: Any = dummy_client
_OF_SIGNERS: Any = pdf_signer
cms, tsp, x509 = _OF_STAMPS.cms, _OF_STAMPS.tsp, _OF_STAMPS.x509
ValidationContext = _OF_SIGNERS.ValidationContext
