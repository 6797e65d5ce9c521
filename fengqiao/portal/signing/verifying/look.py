"""Who signed a PDF, when, and whether anything was changed since: plain values, as they come from a process."""

from __future__ import annotations

import asyncio
import datetime as dt
import io
import logging
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.x509 import load_der_x509_certificate

log = logging.getLogger(__name__)
SIGNATURES_AT_MOST = 40
Answer = dict[str, Any]


@dataclass
class Trust:
    """In whose certificates chains may end (DER)."""

    roots: tuple[bytes, ...]
    tests: tuple[bytes, ...]
    """Those among them that are for tests."""
    others: list[Any] = field(default_factory=list)

    def context(self, moment: dt.datetime) -> Any:
        """For one moment; nothing is fetched from anywhere."""
        from fengqiao.portal.signing.verifying.asn1 import ValidationContext, x509

        return ValidationContext(
            trust_roots=[x509.Certificate.load(one) for one in self.roots], allow_fetching=False, moment=moment
        )


def answer(word: str, sign: str, sentence: str, signatures: list[Answer] | None = None) -> Answer:
    """What is said of a file."""
    return {"word": word, "sign": sign, "sentence": sentence, "signatures": signatures or []}


BROKEN = answer(
    "读不出", "bad",
    "这个文件已经损坏，或者不是 PDF，读不出签名。如果它本来签过名，说明签名以后被改动过。请向对方要原文件。",
)  # fmt: skip
CHANGED = "文件在签名以后被改动过，或者签名不成立，不能作为签署的依据。"
MORE = "最后一个签名以后又添加了内容，添加的部分没有人签署。"
UNKNOWN = "文件在签名以后没有改动，但是本平台不认识其中的签发机构，签名人是谁没有得到证实。请向签名人本人核对。"
NONE = "这份文件里没有签名，不能核验。请确认上传的是签署后的 PDF。"


def look(data: bytes, trust: Trust, now: dt.datetime) -> Answer:
    """Look at all signatures of a file. pyHanko runs a loop of its own, which a thread that has one already cannot:
    it gets another thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(_look, data, trust, now).result()


def _look(data: bytes, trust: Trust, now: dt.datetime) -> Answer:
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        reader = PdfFileReader(io.BytesIO(data), strict=False)
        signatures = list(reader.embedded_regular_signatures)
        stamps = list(reader.embedded_timestamp_signatures)
        fields = {one.field_name for one in (*signatures, *stamps)} | _signature_fields(reader)
    except MemoryError:
        raise
    except Exception:  # a hostile file may break a parser in any way
        log.info("a file could not be read", exc_info=True)
        return BROKEN
    if not signatures:
        return answer("没有签名", "warning", NONE)
    if len(signatures) > SIGNATURES_AT_MOST:
        return answer("没有核验", "warning", f"文件里有超过 {SIGNATURES_AT_MOST} 个签名，没有核验。请拆开后核验。")
    found = [_one(one, data, trust, fields, now) for one in signatures]
    whole = all(one["good"] for one in found) and all(_stamp_holds(one, trust, now) for one in stamps)
    if not whole:
        return answer("有改动", "bad", CHANGED, found)
    if _more_after(data, reader, max((*signatures, *stamps), key=_end_of)):
        return answer("有改动", "bad", MORE, found)
    if not all(one["known"] for one in found):  # anybody can make a certificate with any name in it
        return answer("签名人未证实", "warning", UNKNOWN, found)
    tests = any(one["test"] for one in found)
    said = "签名由测试签发机构作出，只供演示和测试。" if tests else "签名人由本平台认可的签发机构证实。"
    return answer("完整", "good", f"文件完整，签名以后没有改动，共 {len(found)} 个签名。{said}", found)


def _signature_fields(reader: Any) -> set[str]:
    """The names of all places for signatures, also of empty ones."""
    from pyhanko.sign.fields import enumerate_sig_fields

    return {name for name, *_ in enumerate_sig_fields(reader)}


def _end_of(signature: Any) -> int:
    numbers = [int(number) for number in signature.byte_range]
    return numbers[-2] + numbers[-1]


def _more_after(data: bytes, reader: Any, last: Any) -> bool:
    """True when something stands behind the last signature but what long-term validation adds."""
    end = _end_of(last)
    if end >= len(data.rstrip(b"\r\n")):
        return False
    if not data.rstrip(b"\r\n").endswith(b"%%EOF") or reader.last_startxref < end:
        return True
    if b"/ByteRange" in data[end:]:  # a signature that a changed table of objects makes nobody see
        return True
    last.compute_integrity_info()
    level = getattr(last.diff_result, "modification_level", None)
    return level is None or level.name != "LTA_UPDATES"


def _stamp_token(signature: Any) -> Any:
    """The time-stamp inside a signature. Never asked for by `.native`, which would spell the whole of it out."""
    from fengqiao.portal.signing.verifying.asn1 import cms

    unsigned = signature.signer_info["unsigned_attrs"]
    for attribute in unsigned if isinstance(unsigned, cms.CMSAttributes) else ():
        if attribute["type"].native == "signature_time_stamp_token":
            return attribute["values"][0]
    return None


def _stamped(signature: Any) -> dt.datetime | None:
    """When its time-stamp says it was there."""
    token = _stamp_token(signature)
    if token is None:
        return None
    found: dt.datetime = token["content"]["encap_content_info"]["content"].parsed["gen_time"].native
    return found


def _plainly_written(signature: Any, data: bytes) -> bool:
    """The part that a signature does not cover holds its own digits alone, in one way of writing, and zeros behind:
    nobody can change or hide anything there."""
    from fengqiao.portal.signing.verifying.asn1 import cms

    first, length, second, _ = (int(number) for number in signature.byte_range)
    written = data[first + length : second]
    if not re.fullmatch(rb"<(?:[0-9a-f]*|[0-9A-F]*)>", written):
        return False
    content = bytes.fromhex(written[1:-1].decode())
    made = cms.ContentInfo.load(content).dump()
    return content.startswith(made) and not content[len(made) :].strip(b"\0")


def _certificates_hold(signed: Any, trust: Trust) -> bool:
    """The certificates that came with a signature are what their issuers signed, as far as these are there."""
    found = [load_der_x509_certificate(one.chosen.dump()) for one in signed["certificates"]]
    known = [*found, *(load_der_x509_certificate(one) for one in trust.roots)]
    for one in found:
        issuers = [other for other in known if other.subject == one.issuer]
        if issuers and not any(_issued(one, other) for other in issuers):
            return False
    return True


def _issued(one: Any, issuer: Any) -> bool:
    try:
        one.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _covered(status: Any) -> bool:
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    return status.coverage in (SignatureCoverageLevel.ENTIRE_FILE, SignatureCoverageLevel.ENTIRE_REVISION)


def _untouched_since(signature: Any, status: Any, fields: set[str]) -> bool:
    """Since this signature only other signatures came, and what long-term validation adds."""
    level = status.modification_level
    if level is None or status.docmdp_ok is False or level.name not in ("NONE", "LTA_UPDATES", "FORM_FILLING"):
        return False
    difference = signature.diff_result
    return difference is None or set(difference.changed_form_fields) <= fields


def _one(signature: Any, data: bytes, trust: Trust, fields: set[str], now: dt.datetime) -> Answer:
    """One signature."""
    who, issuer = "（读不出）", "（没有写明）"
    try:
        certificate = signature.signer_cert
        who = str(certificate.subject.native.get("common_name", "（没有姓名）"))[:60]
        issuer = str(certificate.issuer.native.get("common_name", issuer))[:60]
        status, stamped = _validated(signature, trust, now)
        stamp = status.timestamp_validity
        whole = bool(
            status.intact and status.valid and _covered(status) and _plainly_written(signature, data)
            and _certificates_hold(signature.signed_data, trust)
            and (stamp is None or _certificates_hold(_stamp_token(signature)["content"], trust))
            and (stamp is None or (stamp.intact and stamp.valid))
        )  # fmt: skip
        later = _untouched_since(signature, status, fields)
        known = bool(status.trusted and (stamp is None or stamp.trusted))
        test = known and _ends_in_test(status, stamp, trust)
    except MemoryError:
        raise
    except Exception:  # whatever a hostile file brings about: it is no good signature
        log.info("a signature could not be read", exc_info=True)
        return {"who": who, "when": None, "issuer": issuer, "test": False, "known": False, "good": False,
                "word": "不成立", "sentence": "这个签名读不出来，不能采信。"}  # fmt: skip
    good, time_known = whole and later, stamp is None or bool(stamp.trusted)
    sentence = _said(whole=whole, later=later, time_known=time_known)
    when = stamped.isoformat() if stamped and time_known else None
    return {"who": who, "when": when, "issuer": issuer, "test": test, "known": known, "good": good,
            "word": "没有改动" if good else "有改动", "sentence": sentence}  # fmt: skip


def _said(*, whole: bool, later: bool, time_known: bool) -> str:
    """A signature in words. later: what came after it are signatures alone."""
    if not whole:
        return "签名所覆盖的内容被改动过，签名不成立。"
    if not later:
        return "签名以后文件的内容又有改动，不只是添加签名。"
    sentence = "签名成立，签名以后只添加了其他人的签名或者没有变化。"
    return sentence if time_known else f"{sentence}本平台不认识其中时间戳的签发机构，签署时间没有得到证实。"


def _validated(signature: Any, trust: Trust, now: dt.datetime) -> tuple[Any, dt.datetime | None]:
    """Validated at the moment of its time-stamp when that is known, else at the moment it claims, else now."""
    from pyhanko.sign.validation.pdf_embedded import async_validate_pdf_signature

    stamped = _stamped(signature)
    moment = stamped or signature.self_reported_timestamp or now
    status = asyncio.run(
        async_validate_pdf_signature(
            signature, trust.context(moment), ts_validation_context=trust.context(stamped or now)
        )
    )
    return status, stamped


def _stamp_holds(signature: Any, trust: Trust, now: dt.datetime) -> bool:
    """A time-stamp of the whole document."""
    from pyhanko.sign.validation.pdf_embedded import async_validate_pdf_timestamp

    try:
        status = asyncio.run(async_validate_pdf_timestamp(signature, trust.context(now)))
        return bool(status.intact and status.valid and _covered(status))
    except MemoryError:
        raise
    except Exception:
        log.info("a time-stamp could not be read", exc_info=True)
        return False


def _ends_in_test(status: Any, stamp: Any, trust: Trust) -> bool:
    """True when the signer's chain or the time-stamp's ends in a certificate for tests."""
    paths = [status.validation_path, *([stamp.validation_path] if stamp is not None else [])]
    return any(path is not None and path.first.dump() in trust.tests for path in paths)
