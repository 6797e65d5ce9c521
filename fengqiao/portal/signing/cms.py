"""A signer for pyHanko that asks the signing service: for the raw signature, or for the whole CMS."""

from __future__ import annotations

import hashlib
from typing import Any

from pyhanko.sign.general import as_signing_certificate_v2
from pyhanko.sign.signers.pdf_cms import Signer, SimpleCertificateStore

from fengqiao.portal.signing.provider import CMS, Credential, RefusedError, SigningService, key_of, require_signature
from fengqiao.portal.signing.verifying.asn1 import cms as asn1
from fengqiao.portal.signing.verifying.asn1 import x509

NOT_OURS = "签名服务给出的签名与文书不符"


class ServiceSigner(Signer):
    """Signs with a credential of a service. What does not fit the file is refused before it gets into it."""

    def __init__(self, service: SigningService, credential: Credential, place: str) -> None:
        self.service, self.credential, self.place = service, credential, place
        certificates = [x509.Certificate.load(one) for one in credential.chain]
        store = SimpleCertificateStore()
        store.register_multiple(certificates[1:])
        super().__init__(signing_cert=certificates[0], cert_registry=store)

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        """The signature over the signed attributes."""
        if dry_run:
            return bytes(512)
        digest = hashlib.sha256(data).digest()
        made = self.service.sign(self.credential, digest, key=key_of(self.place, digest.hex()))
        return require_signature(self.credential, digest, made)

    async def async_sign(self, data_digest: bytes, digest_algorithm: str, **given: Any) -> asn1.ContentInfo:
        """The CMS: built here around the raw signature, or made by the service and given a time-stamp here."""
        if self.credential.form != CMS or given.get("dry_run"):
            return await super().async_sign(data_digest, digest_algorithm, **given)
        made = self.service.sign(self.credential, data_digest, key=key_of(self.place, data_digest.hex()))
        found, signer_info = self.looked_at(made, data_digest)
        timestamper = given.get("timestamper")
        if timestamper is not None and not _stamped(signer_info):
            token = await timestamper.async_timestamp(
                hashlib.sha256(signer_info["signature"].native).digest(), "sha256"
            )
            signer_info["unsigned_attrs"] = asn1.CMSAttributes(
                [{"type": "signature_time_stamp_token", "values": [token]}]
            )
        return found

    def looked_at(self, made: bytes, digest: bytes) -> tuple[asn1.ContentInfo, asn1.SignerInfo]:
        """A CMS of the service, when it is one detached PAdES signature over this digest by this certificate."""
        try:
            found = asn1.ContentInfo.load(made, strict=True)
            content = found["content"]
            (signer_info,) = content["signer_infos"]
            attributes = {one["type"].native: one["values"][0] for one in signer_info["signed_attrs"]}
            right = (
                content["encap_content_info"]["content"].native is None
                and signer_info["digest_algorithm"]["algorithm"].native == "sha256"
                and attributes["content_type"].native == "data"
                and attributes["message_digest"].native == digest
                and attributes["signing_certificate_v2"].dump() == as_signing_certificate_v2(self.signing_cert).dump()
                and any(one.chosen.dump() == self.credential.chain[0] for one in content["certificates"])
            )
            attested = hashlib.sha256(signer_info["signed_attrs"].untag().dump()).digest()
            signature = signer_info["signature"].native
        except (ValueError, TypeError, KeyError) as error:
            raise RefusedError("签名服务的答复看不懂") from error
        if not right:
            raise RefusedError(NOT_OURS)
        require_signature(self.credential, attested, signature)
        return found, signer_info


def _stamped(signer_info: asn1.SignerInfo) -> bool:
    unsigned = signer_info["unsigned_attrs"]
    return isinstance(unsigned, asn1.CMSAttributes) and any(
        one["type"].native == "signature_time_stamp_token" for one in unsigned
    )
