"""Signing PDFs (PAdES, by pyHanko) and looking at signatures: with the built-in test authority."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import logging
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from django.utils import timezone

from fengqiao.engine.typesetting.glyphs import FONTS
from fengqiao.portal.audit.digests import sm3
from fengqiao.portal.shell.words import moment_text
from fengqiao.portal.signing import frames
from fengqiao.portal.signing.authority import MARK, Authority, authority
from fengqiao.portal.signing.models import Signatory, SigningRound

log = logging.getLogger(__name__)
logging.getLogger("pyhanko.sign").setLevel(logging.ERROR)  # it warns of every test certificate
PIXELS = 4
"""Of an appearance, for each point."""


def _apart(work: Callable[..., Any], *values: Any, **named: Any) -> Any:
    """pyHanko runs a loop of its own, which a thread that has one already cannot: it gets another thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work, *values, **named).result()


def is_test() -> bool:
    """True while signatures are made by the built-in test authority."""
    return True


def file_name(round_: SigningRound) -> str:
    """What the signed file is called."""
    return f"{round_.title}（签署文件）.pdf"[:255]


def prepare(text: bytes, round_: SigningRound, rows: list[Signatory]) -> bytes:
    """The text with the sheet at its end and an empty signature field for everybody."""
    import pikepdf
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import SigFieldSpec, append_signature_field

    joined = io.BytesIO()
    with pikepdf.open(io.BytesIO(text)) as pdf, pikepdf.open(io.BytesIO(frames.sheet(round_, rows))) as end:
        pages = len(pdf.pages)
        pdf.pages.extend(end.pages)
        pdf.save(joined, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    joined.seek(0)
    writer = IncrementalPdfFileWriter(joined, strict=False)
    for row, signatory in enumerate(rows):
        page, *box = signatory.place or frames.place_on_sheet(row, pages + 1)
        append_signature_field(
            writer, SigFieldSpec(signatory.field, on_page=int(page) - 1, box=tuple(round(edge) for edge in box))
        )
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def sign(data: bytes, signatory: Signatory, *, now: dt.datetime, drawn: bytes | None = None) -> bytes:
    """The file with one more signature, by an incremental update."""
    from pyhanko.keys.pemder import load_certs_from_pemder_data, load_private_key_from_pemder_data
    from pyhanko.pdf_utils.images import PdfImage
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner
    from pyhanko.sign.fields import SigSeedSubFilter
    from pyhanko.sign.signers.pdf_cms import SimpleCertificateStore
    from pyhanko.sign.signers.pdf_signer import ValidationContext
    from pyhanko.sign.timestamps import DummyTimeStamper
    from pyhanko.stamp import StaticStampStyle

    ours = authority(now)
    made, key = ours.issue(signatory.name, signatory.role_title, now)

    def plain(certificate: Any) -> Any:
        return next(iter(load_certs_from_pemder_data(certificate.public_bytes(serialization.Encoding.DER))))

    def private(one: Any) -> Any:
        return load_private_key_from_pemder_data(
            one.private_bytes(
                serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ), None,
        )  # fmt: skip

    root, stamping = plain(ours.root), _stamp_certificate(ours)
    store = SimpleCertificateStore()
    store.register_multiple([root])
    lasting = signatory.round.level == SigningRound.Level.B_LTA
    meta = PdfSignatureMetadata(
        field_name=signatory.field, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES, name=signatory.name,
        reason=f"{signatory.role_title}签署《{signatory.round.title}》", location=MARK, embed_validation_info=lasting,
        use_pades_lta=lasting,
        validation_context=ValidationContext(
            trust_roots=[root], other_certs=[stamping], allow_fetching=False, moment=now
        ) if lasting else None,
    )  # fmt: skip
    signer = PdfSigner(
        meta, SimpleSigner(plain(made), private(key), store),
        timestamper=DummyTimeStamper(stamping, private(ours.key("stamp")), store, fixed_dt=now),
        stamp_style=StaticStampStyle(
            background=PdfImage(appearance(signatory, now, drawn)), border_width=0, background_opacity=1
        ),
    )  # fmt: skip
    writer = IncrementalPdfFileWriter(io.BytesIO(data), strict=False)
    out = _apart(signer.sign_pdf, writer)
    return bytes(out.getvalue())


def _stamp_certificate(ours: Authority) -> Any:
    return _read(ours.pem("stamp.pem"))


def _read(content: bytes) -> Any:
    """A certificate as pyHanko has it."""
    from pyhanko.keys.pemder import load_certs_from_pemder_data

    return next(iter(load_certs_from_pemder_data(content)))


def appearance(signatory: Signatory, now: dt.datetime, drawn: bytes | None) -> Any:
    """What is seen at the place: the drawn signature or the name, then when, and that it is a test."""
    from PIL import Image, ImageDraw, ImageFont

    box = signatory.place[1:] if signatory.place else frames.place_on_sheet(0, 1)[1:]
    width, height = int((box[2] - box[0]) * PIXELS), int((box[3] - box[1]) * PIXELS)
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    font = str(Path(FONTS) / "NotoSansCJKsc-Regular.subset.otf")
    colour = "#a3201a" if signatory.kind == Signatory.Kind.SEAL else "#12304c"
    upper = int(height * 0.58)
    if drawn is not None:
        with Image.open(io.BytesIO(drawn)) as picture:
            kept = picture.convert("RGBA")
        kept.thumbnail((width, upper))
        image.paste(kept, (4, 0), kept)
    else:
        size = min(int(upper * 0.75), int(width / max(1, len(signatory.name))))
        draw.text((8, 6), signatory.name, font=ImageFont.truetype(font, size), fill=colour)
    kind = "电子印章" if signatory.kind == Signatory.Kind.SEAL else "电子签名"
    small = ImageFont.truetype(font, min(int(height * 0.16), int(width / 26)))
    draw.text((8, upper), f"{kind} {moment_text(now)}", font=small, fill="#333333")
    draw.text((8, int(height * 0.79)), MARK, font=small, fill="#a3201a")
    return image


@dataclass
class Found:
    """One signature of a file, in words."""

    who: str
    when: dt.datetime | None
    issuer: str
    test: bool
    good: bool
    word: str
    sentence: str

    @property
    def sign(self) -> str:
        """Which sign stands beside it."""
        return "good" if self.good else "bad"


@dataclass
class Result:
    """What was found in a file."""

    word: str
    sign: str
    sentence: str
    signatures: list[Found] = field(default_factory=list)


def verify(data: bytes, *, now: dt.datetime) -> Result:
    """Who signed, when, and whether anything was changed since."""
    from pyhanko.pdf_utils.misc import PdfReadError
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.general import SigningError

    broken = "这个文件已经损坏，或者不是 PDF，读不出签名。如果它本来签过名，说明签名以后被改动过。请向对方要原文件。"
    try:
        reader = PdfFileReader(io.BytesIO(data), strict=False)
        signatures = list(reader.embedded_regular_signatures)
        stamps = list(reader.embedded_timestamp_signatures)
    except (PdfReadError, SigningError, ValueError, KeyError, TypeError, IndexError, RecursionError, OSError):
        return Result("读不出", "bad", broken)
    if not signatures:
        return Result("没有签名", "warning", "这份文件里没有签名，不能核验。请确认上传的是签署后的 PDF。")
    found = [_look(one, now) for one in signatures]
    if not all(one.good for one in found):
        return Result("有改动", "bad", "文件在签名以后被改动过，或者签名不成立，不能作为签署的依据。", found)
    if _more_after(data, reader, max((*signatures, *stamps), key=_end_of)):
        return Result("有改动", "bad", "最后一个签名以后又添加了内容，添加的部分没有人签署。", found)
    if not all(one.test for one in found):  # anybody can make a certificate with any name in it
        unknown = "文件在签名以后没有改动，但是本平台不认识其中的签发机构，签名人是谁没有得到证实。请向签名人本人核对。"
        return Result("签名人未证实", "warning", unknown, found)
    trust = "签名由测试签发机构作出，只供演示和测试。"
    return Result("完整", "good", f"文件完整，签名以后没有改动，共 {len(found)} 个签名。{trust}", found)


def _more_after(data: bytes, reader: Any, last: Any) -> bool:
    """True when something stands behind the last signature but what long-term validation adds."""
    end = _end_of(last)
    if end >= len(data.rstrip(b"\r\n")):
        return False
    if not data.rstrip(b"\r\n").endswith(b"%%EOF") or reader.last_startxref < end:
        return True
    last.compute_integrity_info()
    level = getattr(last.diff_result, "modification_level", None)
    return level is None or level.name not in ("NONE", "LTA_UPDATES")


def _end_of(signature: Any) -> int:
    numbers = [int(number) for number in signature.byte_range]
    return numbers[-2] + numbers[-1]


def _stamped(signature: Any) -> dt.datetime | None:
    """When its time-stamp says it was there."""
    unsigned = signature.signer_info["unsigned_attrs"]
    for attribute in unsigned if unsigned.native is not None else ():
        if attribute["type"].native == "signature_time_stamp_token":
            token = attribute["values"][0]["content"]["encap_content_info"]["content"].parsed
            found: dt.datetime = token["gen_time"].native
            return found
    return None


def _look(signature: Any, now: dt.datetime) -> Found:
    from pyhanko.sign.signers.pdf_signer import ValidationContext
    from pyhanko.sign.validation import validate_pdf_signature

    ours = authority(now)
    root = _read(ours.pem("root.pem"))

    def context(moment: dt.datetime) -> Any:
        return ValidationContext(trust_roots=[root], allow_fetching=False, moment=moment,
                                 other_certs=[_stamp_certificate(ours)])  # fmt: skip

    who, issuer = "（读不出）", ""
    try:
        certificate = signature.signer_cert
        who = str(certificate.subject.native.get("common_name", "（没有姓名）"))
        issuer = str(certificate.issuer.native.get("common_name", ""))
        stamped = _stamped(signature)
        moment = stamped or signature.self_reported_timestamp or now
        status = _apart(validate_pdf_signature, signature, context(moment), ts_validation_context=context(now))
    except Exception:  # whatever a hostile file brings about: it is no good signature
        log.info("a signature could not be read", exc_info=True)
        return Found(who, None, issuer, test=False, good=False, word="不成立", sentence="这个签名读不出来，不能采信。")
    test = bool(status.trusted) and issuer == str(root.subject.native.get("common_name"))
    stamp = status.timestamp_validity
    whole = bool(status.intact and status.valid and (stamp is None or (stamp.intact and stamp.valid)))
    later = status.docmdp_ok is not False and status.modification_level is not None and (
        status.modification_level.name != "OTHER"
    )  # fmt: skip
    good = whole and later
    if not whole:
        sentence = "签名所覆盖的内容被改动过，签名不成立。"
    elif not later:
        sentence = "签名以后文件的内容又有改动，不只是添加签名。"
    else:
        sentence = "签名成立，签名以后只添加了其他人的签名或者没有变化。"
    local = timezone.localtime(stamped) if stamped else None
    return Found(who, local, issuer or "（没有写明）", test, good, "没有改动" if good else "有改动", sentence)


def envelope(data: bytes) -> bytes:
    """A detached signature with SM2 and SM3 over the same bytes."""
    from gmssl import sm2

    pair = authority(timezone.now()).sm2()
    maker = sm2.CryptSM2(private_key=pair["private"], public_key=pair["public"])
    signature = maker.sign_with_sm3(data, secrets.token_hex(32))
    return json.dumps(
        {"format": "fengqiao-sm2-envelope-1", "note": MARK, "bytes": len(data), "sm3": sm3(data).hex(),
         "sha256": hashlib.sha256(data).hexdigest(), "signer_id": "1234567812345678", "public_key": pair["public"],
         "signature": signature}, ensure_ascii=False, indent=1,
    ).encode()  # fmt: skip


def envelope_holds(data: bytes, made: bytes) -> bool:
    """True when an envelope belongs to these bytes, and its signature holds."""
    from gmssl import sm2

    given = json.loads(made)
    checker = sm2.CryptSM2(private_key="", public_key=given["public_key"])
    return bool(given["sm3"] == sm3(data).hex() and checker.verify_with_sm3(given["signature"], data))
