"""Signing PDFs (PAdES, by pyHanko) with the signing service and the time-stamps of this installation; the envelope."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal

from fengqiao.engine.typesetting.glyphs import FONTS
from fengqiao.portal.shell.words import moment_text
from fengqiao.portal.signing import frames, provider, trust, verification
from fengqiao.portal.signing.authority import MARK
from fengqiao.portal.signing.models import Signatory, SigningRound

log = logging.getLogger(__name__)
logging.getLogger("pyhanko.sign").setLevel(logging.ERROR)  # it warns of every test certificate
RESERVED, RESERVED_FOR_OTHERS = 16 << 10, 32 << 10
"""Hexadecimal digits kept for a signature with its certificates and its time-stamp: every reader goes through them."""
PIXELS = 4
"""Of an appearance, for each point."""


def _apart(work: Callable[..., Any], *values: Any, **named: Any) -> Any:
    """pyHanko runs a loop of its own, which a thread that has one already cannot: it gets another thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work, *values, **named).result()


def is_test() -> bool:
    """True while signatures or their time-stamps are made by the built-in test authority."""
    return provider.service().test or provider.stamps_are_tests()


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
    """The file with one more signature, by an incremental update. NotReachedError, RefusedError: nothing was signed."""
    from pyhanko.pdf_utils.images import PdfImage
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import PdfSignatureMetadata, PdfSigner
    from pyhanko.sign.fields import SigSeedSubFilter
    from pyhanko.stamp import StaticStampStyle

    from fengqiao.portal.signing.cms import ServiceSigner
    from fengqiao.portal.signing.stamping import timestamper

    signing = provider.service()
    kind: Literal["person", "organisation"] = "organisation" if signatory.kind == Signatory.Kind.SEAL else "person"
    subject = provider.Subject(signatory.name, signatory.role_title, kind)
    place = provider.key_of(signatory.pk, hashlib.sha256(data).hexdigest(), now.isoformat())
    credential = provider.require_credential(signing.credential(subject, key=place, now=now), subject, now)
    lasting = signatory.round.level == SigningRound.Level.B_LTA
    meta = PdfSignatureMetadata(
        field_name=signatory.field, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES, name=signatory.name,
        reason=f"{signatory.role_title}签署《{signatory.round.title}》", location=MARK if is_test() else None,
        embed_validation_info=lasting, use_pades_lta=lasting,
        validation_context=_lasting_context(signing, now) if lasting else None,
    )  # fmt: skip
    signer = PdfSigner(
        meta, ServiceSigner(signing, credential, place), timestamper=timestamper(now),
        stamp_style=StaticStampStyle(
            background=PdfImage(appearance(signatory, now, drawn)), border_width=0, background_opacity=1
        ),
    )  # fmt: skip
    writer = IncrementalPdfFileWriter(io.BytesIO(data), strict=False)
    own = signing.test and provider.stamps_are_tests()
    made = _within(signer, writer, RESERVED if own else RESERVED_FOR_OTHERS)
    if not own:
        _require_whole(made, signatory, now)
    return made


def _within(signer: Any, writer: Any, room: int) -> bytes:
    """Signed within the room that is kept for a signature."""
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.sign.general import SigningError

    try:
        return bytes(_apart(signer.sign_pdf, writer, bytes_reserved=room).getvalue())
    except (PdfError, SigningError, NotImplementedError) as error:
        log.warning("a signature was not made", exc_info=True)
        raise provider.RefusedError("签名服务或者时间戳服务给出的内容不能用于这份文书") from error


def _lasting_context(signing: Any, now: dt.datetime) -> Any:
    """What is embedded for long-term validation; of licensed authorities also whether certificates were revoked."""
    from fengqiao.portal.signing.verifying.asn1 import ValidationContext, x509

    return ValidationContext(
        trust_roots=[x509.Certificate.load(one) for one in trust.roots(now)], moment=now,
        allow_fetching=not (signing.test and provider.stamps_are_tests()),
    )  # fmt: skip


def _require_whole(made: bytes, signatory: Signatory, now: dt.datetime) -> None:
    """What others have signed goes into the round when our own verification holds it for whole."""
    found = verification.verify_own(made, now=now)
    if found.sign != "good":
        log.error("a signature of the service does not hold: %s", found.sentence)
        raise provider.RefusedError(f"签好的文件没有通过核验（{found.word}），没有采用")


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
    if is_test():
        draw.text((8, int(height * 0.79)), MARK, font=small, fill="#a3201a")
    return image
