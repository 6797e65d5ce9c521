"""The built-in test authority: its own root, certificates for signers, time-stamps. Marked as a test in every name."""

from __future__ import annotations

import datetime as dt
import json
import os
import secrets
import shutil
import tempfile
import threading
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa, utils
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from django.conf import settings

from fengqiao.portal.signing.provider import Credential, RefusedError, Subject

FOLDER = "signing-test"
ROOT_NAME, STAMP_NAME, MARK = "枫桥测试签发机构", "枫桥测试时间戳", "测试证书，不具法律效力"
YEARS = dt.timedelta(days=3650)
SM2_ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
"""Of the curve of GB/T 32918.5."""
BEFORE = dt.timedelta(days=366)
"""Its certificates hold from so long before it was made: what is signed bears the moment of the act."""


@dataclass(frozen=True)
class Authority:
    """Keys and certificates in a folder."""

    folder: Path

    def pem(self, name: str) -> bytes:
        """A file of the folder."""
        return (self.folder / name).read_bytes()

    @property
    def root(self) -> x509.Certificate:
        """Its root."""
        return _certificate(self.pem("root.pem"))

    @property
    def stamp(self) -> x509.Certificate:
        """Of its time-stamps."""
        return _certificate(self.pem("stamp.pem"))

    def key(self, name: str) -> Any:
        """A private key."""
        return _key(self.pem(f"{name}.key"))

    def sm2(self) -> dict[str, str]:
        """The pair of keys of the envelopes."""
        return dict(json.loads(self.pem("sm2.json")))

    def issue(self, name: str, unit: str, now: dt.datetime) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
        """A certificate for one signature, with a key that is kept nowhere."""
        key = ec.generate_private_key(ec.SECP256R1())
        return certificate(name, unit, key, self.root, self.key("root"), now, dt.timedelta(days=1), None), key


@lru_cache(maxsize=16)
def _certificate(pem: bytes) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem)


@lru_cache(maxsize=16)
def _key(pem: bytes) -> Any:
    """Read once: looking whether an RSA key is one takes longer than signing with it."""
    return serialization.load_pem_private_key(pem, None)


@lru_cache(maxsize=64)
def plain(one: x509.Certificate) -> Any:
    """A certificate as pyHanko has it."""
    from fengqiao.portal.signing.verifying.asn1 import x509 as asn1

    return asn1.Certificate.load(one.public_bytes(serialization.Encoding.DER))


class TestService:
    """The signing service of the test authority, for one signature a certificate."""

    __test__ = False
    title = "测试签发机构"
    test = True
    KEPT = 256

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: OrderedDict[str, Any] = OrderedDict()
        """Keys of the certificates that were given out, for a while; they are written nowhere."""

    def roots(self) -> tuple[bytes, ...]:
        """None besides its own, which everybody knows to be a test."""
        return ()

    def credential(self, subject: Subject, *, key: str, now: dt.datetime) -> Credential:
        """A certificate for a name."""
        ours = authority(now)
        made, private_key = ours.issue(subject.name, subject.role, now)
        handle = secrets.token_hex(16)
        with self._lock:
            self._keys[handle] = private_key
            while len(self._keys) > self.KEPT:
                self._keys.popitem(last=False)
        chain = tuple(one.public_bytes(serialization.Encoding.DER) for one in (made, ours.root))
        return Credential(handle, "raw", chain)

    def sign(self, credential: Credential, digest: bytes, *, key: str) -> bytes:
        """The signature."""
        with self._lock:
            found = self._keys.get(credential.handle)
        if found is None:
            raise RefusedError("测试证书已经失效")
        made: bytes = found.sign(digest, ec.ECDSA(utils.Prehashed(hashes.SHA256())))
        return made


def subject(name: str, unit: str) -> x509.Name:
    """A name with the mark of the test."""
    parts = [(NameOID.COUNTRY_NAME, "CN"), (NameOID.ORGANIZATION_NAME, MARK), (NameOID.COMMON_NAME, name[:64])]
    if unit:
        parts.insert(2, (NameOID.ORGANIZATIONAL_UNIT_NAME, unit[:64]))
    return x509.Name([x509.NameAttribute(*part) for part in parts])


def certificate(
    name: str, unit: str, key: Any, issuer: x509.Certificate | None, issuer_key: Any, now: dt.datetime,
    lasts: dt.timedelta, use: Any,
) -> x509.Certificate:  # fmt: skip
    """A certificate; without an issuer the root itself."""
    own = subject(name, unit)
    built = (
        x509.CertificateBuilder().subject_name(own).issuer_name(issuer.subject if issuer else own)
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=5)).not_valid_after(now + lasts)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=0 if issuer is None else None), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), False)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True, content_commitment=issuer is not None, key_encipherment=False,
                data_encipherment=False, key_agreement=False, key_cert_sign=issuer is None, crl_sign=issuer is None,
                encipher_only=False, decipher_only=False,
            ), True,
        )
    )  # fmt: skip
    if use is not None:
        built = built.add_extension(x509.ExtendedKeyUsage([use]), True)
    return built.sign(issuer_key, hashes.SHA256())


def authority(now: dt.datetime) -> Authority:
    """Of this installation: made at the first use, there as a whole or not."""
    folder = Path(settings.KEY_FOLDER) / FOLDER
    if not folder.is_dir():
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        making = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".signing-"))
        fill(making, now)
        try:
            making.rename(folder)
        except OSError:  # another process was quicker
            shutil.rmtree(making)
    return Authority(folder)


def fill(folder: Path, now: dt.datetime) -> None:
    """New keys and certificates."""
    from gmssl import sm2

    root, stamp = ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 3072)
    top = certificate(ROOT_NAME, "", root, None, root, now - BEFORE, YEARS, None)
    stamping = certificate(STAMP_NAME, "", stamp, top, root, now - BEFORE, YEARS, ExtendedKeyUsageOID.TIME_STAMPING)
    private = f"{secrets.randbelow(SM2_ORDER - 2) + 1:064x}"
    maker = sm2.CryptSM2(private_key=private, public_key="")
    pair = {"private": private, "public": str(maker._kg(int(private, 16), maker.ecc_table["g"]))}
    files = {"sm2.json": json.dumps(pair).encode()}
    for name, key, made in (("root", root, top), ("stamp", stamp, stamping)):
        files[f"{name}.pem"] = made.public_bytes(serialization.Encoding.PEM)
        files[f"{name}.key"] = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    for name, content in files.items():
        handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            os.fsync(file.fileno())
