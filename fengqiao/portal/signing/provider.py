"""Who makes the signatures: the built-in test authority, or a licensed signing service chosen by the operator.

FENGQIAO_SIGNING_SERVICE is empty (test authority), an https address (`provider_http.HttpService`) or module.Class.
The contract is in docs/methods/signing_service.md; tests/test_providers.py holds every adapter to it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, Protocol

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from django.conf import settings
from django.utils.module_loading import import_string

RAW, CMS = "raw", "cms"


class NotReachedError(OSError):
    """The service or the time-stamp authority does not answer: nothing is signed yet, another time it may be."""


class RefusedError(Exception):
    """The service does not sign this, and would not another time."""


@dataclass(frozen=True)
class Subject:
    """Whose signature it is."""

    name: str
    role: str
    kind: Literal["person", "organisation"]


@dataclass(frozen=True)
class Credential:
    """A certificate to sign with, held by the service."""

    handle: str
    """What the service knows it by."""
    form: Literal["raw", "cms"]
    """raw: it signs the digest of the signed attributes. cms: it makes the whole CMS over the digest of the file."""
    chain: tuple[bytes, ...]
    """Certificates in DER, the signer's first."""

    @property
    def certificate(self) -> x509.Certificate:
        """The signer's own."""
        return x509.load_der_x509_certificate(self.chain[0])


class SigningService(Protocol):
    """What makes signatures. One key, one signature, however often it is asked for."""

    title: str
    """What people are told it is called."""
    test: bool
    """True for signatures without legal effect."""

    def roots(self) -> tuple[bytes, ...]:
        """Certificates (DER) in which its chains end."""
        ...

    def credential(self, subject: Subject, *, key: str, now: dt.datetime) -> Credential:
        """A certificate in the name of somebody whose identity was checked."""
        ...

    def sign(self, credential: Credential, digest: bytes, *, key: str) -> bytes:
        """The signature over a SHA-256 digest, or the CMS (DER), by the form of the credential. Both methods raise
        NotReachedError or RefusedError."""
        ...


def service() -> SigningService:
    """The service of this installation."""
    return _made(settings.ENVIRONMENT.signing_service)


def stamps_are_tests() -> bool:
    """True while time-stamps come from the built-in authority."""
    return not settings.ENVIRONMENT.tsa_url


@lru_cache(maxsize=4)
def _made(chosen: str) -> SigningService:
    if not chosen:
        from fengqiao.portal.signing.authority import TestService

        return TestService()
    if chosen.startswith(("https://", "http://")):
        from fengqiao.portal.signing.provider_http import HttpService

        return HttpService(chosen, settings.ENVIRONMENT.signing_key)
    made: SigningService = import_string(chosen)()
    return made


def require_credential(given: Credential, subject: Subject, now: dt.datetime) -> Credential:
    """Look at what a service answered before anything is signed with it."""
    try:
        certificate = given.certificate
        names = [str(one.value) for one in certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)]
    except (ValueError, IndexError) as error:
        raise RefusedError("签名服务给出的证书读不出来") from error
    if given.form not in (RAW, CMS):
        raise RefusedError("签名服务给出的签名方式不认识")
    if not any(subject.name[:64] in name for name in names):
        raise RefusedError("签名服务给出的证书不是签署人本人的")
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise RefusedError("签名服务给出的证书不在有效期内")
    if not isinstance(certificate.public_key(), rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        raise RefusedError("签名服务给出的证书的算法不支持")
    return given


def require_signature(credential: Credential, digest: bytes, signature: bytes) -> bytes:
    """A signature that does not belong to the digest never gets into a file."""
    key: Any = credential.certificate.public_key()
    done = utils.Prehashed(hashes.SHA256())
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, digest, padding.PKCS1v15(), done)
        else:
            key.verify(signature, digest, ec.ECDSA(done))
    except InvalidSignature as error:
        raise RefusedError("签名服务给出的签名与文书不符") from error
    return signature


def key_of(*parts: object) -> str:
    """A key that the same question has every time, and no other one."""
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()
