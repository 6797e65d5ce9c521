"""Sentences that signers agree to, each under a version that the evidence names."""

from __future__ import annotations

from fengqiao.portal.signing.models import Signatory, SigningRound

CONSENT_VERSION = "2026-1"
CONSENT = (
    "我已阅读《{title}》全文（共 {pages} 页），清楚并同意其内容，同意以电子签名的方式签署。"
    "这份文本的 SHA-256 是 {digest}。"
)
CONSENT_SEAL = "本机构同意在《{title}》（共 {pages} 页）上加盖电子印章。这份文本的 SHA-256 是 {digest}。"
CONSENT_AGENT = (
    "我受{party}委托，授权范围包括代签文书；我已阅读《{title}》全文（共 {pages} 页），代{party}以电子签名的方式签署。"
    "这份文本的 SHA-256 是 {digest}。"
)


def consent_of(signatory: Signatory, round_: SigningRound, *, agent: bool) -> str:
    """What somebody agrees to by signing here."""
    words = CONSENT_SEAL if signatory.kind == Signatory.Kind.SEAL else CONSENT_AGENT if agent else CONSENT
    return words.format(
        title=round_.title, pages=round_.pages, digest=round_.text_sha256, party=signatory.name
    )  # fmt: skip
