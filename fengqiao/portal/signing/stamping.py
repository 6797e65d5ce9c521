"""Time-stamps (RFC 3161): from the built-in test authority, or by HTTP from FENGQIAO_TSA_URL."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import time
from typing import Any

import requests
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from django.conf import settings
from pyhanko.sign.general import as_signing_certificate_v2
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.timestamps.common_utils import TimestampRequestError

from fengqiao.portal.signing.authority import Authority, authority, plain
from fengqiao.portal.signing.provider import NotReachedError, RefusedError, stamps_are_tests
from fengqiao.portal.signing.provider_http import received
from fengqiao.portal.signing.verifying.asn1 import cms, tsp
from fengqiao.portal.signing.verifying.asn1 import x509 as asn1_x509

CONNECT, READ = 4, 12
PAUSES = (0.3, 1.0)
LARGEST = 1 << 18
APART = dt.timedelta(minutes=10)
"""How far the clocks of the authority and of this machine may differ."""


class HttpTimeStamper(TimeStamper):
    """Asks an authority by HTTP, again after a moment when it does not answer, and looks at what it says."""

    def __init__(self, url: str, now: dt.datetime, *, read: float = READ) -> None:
        super().__init__()
        self.url, self.now, self.read = url, now, read

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> Any:
        """A token for a digest; one for another digest or another time is no answer."""
        try:
            token = await super().async_timestamp(message_digest, md_algorithm)
            said = token["content"]["encap_content_info"]["content"].parsed
            stamped, imprint = said["gen_time"].native, said["message_imprint"]["hashed_message"].native
        except TimestampRequestError as error:
            raise RefusedError("时间戳服务没有受理") from error
        except (ValueError, TypeError, KeyError) as error:
            raise RefusedError("时间戳服务的答复看不懂") from error
        if imprint != message_digest:
            raise RefusedError("时间戳与文书不符")
        if abs(stamped - self.now) > APART:
            raise RefusedError("时间戳的时间与本机相差超过10分钟，请平台管理员校准时钟")
        return token

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """Ask; it runs alone in its thread, so it may wait."""
        for pause in (*PAUSES, None):
            try:
                return self._once(req.dump())
            except NotReachedError:
                if pause is None:
                    raise
                time.sleep(pause)
        raise AssertionError  # the last try returns or raises

    def _once(self, body: bytes) -> tsp.TimeStampResp:
        headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
        try:
            with requests.post(
                self.url, data=body, timeout=(CONNECT, self.read), headers=headers, stream=True, allow_redirects=False
            ) as answer:
                content, status = received(answer, LARGEST), answer.status_code
                kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        except (requests.RequestException, OSError) as error:
            raise NotReachedError("时间戳服务没有应答") from error
        if status != 200 or kind != "application/timestamp-reply" or len(content) > LARGEST:
            raise NotReachedError(f"时间戳服务暂时不能办理（{status}）")
        return tsp.TimeStampResp.load(content)


class TestTimeStamper(TimeStamper):
    """The built-in test authority. fixed: the moment it says; without one, the present."""

    __test__ = False
    POLICY = "1.3.6.1.4.1.13762.3"
    """A policy for tests."""

    def __init__(self, ours: Authority, fixed: dt.datetime | None = None) -> None:
        super().__init__()
        self.ours, self.fixed = ours, fixed

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """Answer at once."""
        return self.answer(req)

    def answer(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """What an authority answers (RFC 3161): a token over the digest that was sent, or why not."""
        if req["message_imprint"]["hash_algorithm"]["algorithm"].native not in ("sha256", "sha384", "sha512"):
            return tsp.TimeStampResp({"status": {"status": "rejection", "fail_info": {"bad_alg"}}})
        moment = self.fixed or dt.datetime.now(dt.UTC)
        own = plain(self.ours.stamp)
        said: dict[str, Any] = {
            "version": "v1", "policy": self.POLICY, "message_imprint": req["message_imprint"],
            "serial_number": secrets.randbits(63), "gen_time": moment.astimezone(dt.UTC), "accuracy": {"seconds": 1},
            "tsa": asn1_x509.GeneralName("directory_name", own.subject),
        }  # fmt: skip
        if req["nonce"].native is not None:
            said["nonce"] = req["nonce"].native
        token = self._signed(tsp.TSTInfo(said).dump(), own)
        return tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token})

    def _signed(self, said: bytes, own: Any) -> cms.ContentInfo:
        """The CMS around what it says."""
        attributes = cms.CMSAttributes(
            [
                {"type": "content_type", "values": ["tst_info"]},
                {"type": "message_digest", "values": [hashlib.sha256(said).digest()]},
                {"type": "signing_certificate_v2", "values": [as_signing_certificate_v2(own)]},
            ]
        )
        signature = self.ours.key("stamp").sign(attributes.dump(), padding.PKCS1v15(), hashes.SHA256())
        signer_info = {
            "version": "v1", "digest_algorithm": {"algorithm": "sha256"},
            "sid": {"issuer": own.issuer, "serial_number": own.serial_number}, "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": "sha256_rsa"}, "signature": signature,
        }  # fmt: skip
        signer_info["sid"] = cms.SignerIdentifier("issuer_and_serial_number", signer_info["sid"])
        content = {
            "version": "v3", "digest_algorithms": [{"algorithm": "sha256"}],
            "encap_content_info": {"content_type": "tst_info", "content": cms.ParsableOctetString(said)},
            "certificates": [own, plain(self.ours.root)], "signer_infos": [signer_info],
        }  # fmt: skip
        return cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(content)})


def timestamper(now: dt.datetime) -> TimeStamper:
    """The authority of this installation."""
    if stamps_are_tests():
        return TestTimeStamper(authority(now), now)
    return HttpTimeStamper(settings.ENVIRONMENT.tsa_url, now)
