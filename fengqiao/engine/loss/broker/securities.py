"""What a security is, by its code and name, from `data/securities.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from fengqiao.engine.loss.broker.headings import DATA

CODE = re.compile(r"(?:(SH|SZ|BJ|HK)[.:]?)?(\d{1,6})(?:\.0+)?(?:[.:]?(SH|SZ|BJ|SS|HK|XSHG|XSHE))?", re.ASCII)
MARKETS = (
    (re.compile("上海|沪|SH|上证", re.IGNORECASE), "SH"),
    (re.compile("深圳|深|SZ", re.IGNORECASE), "SZ"),
    (re.compile("北京|北交|京A|BJ", re.IGNORECASE), "BJ"),
)
FOREIGN_MARKET = re.compile("港|HK|B股|Ｂ股|沪B|深B|沪Ｂ|深Ｂ", re.IGNORECASE)
STATED = {"SS": "SH", "XSHG": "SH", "XSHE": "SZ"}


@dataclass(frozen=True)
class Security:
    """code: six digits, with the exchange behind it where it is known ("600518.SH"); as written when it is no code.
    title: what kind of security it is. share: whether its trades are trades in shares. purpose: "subscription" or
    "rights" for codes that only stand for those, `code` being then that of the share itself."""

    code: str
    title: str
    share: bool
    purpose: str = ""


@dataclass(frozen=True)
class _Range:
    title: str
    share: bool
    market: str
    codes: tuple[str, ...]
    purpose: str
    underlying: Mapping[str, str]


def _range(entry: Mapping[str, Any]) -> _Range:
    purpose = "subscription" if entry.get("subscription") else "rights" if entry.get("rights") else ""
    share, market = bool(entry.get("share")), str(entry.get("market", ""))
    return _Range(entry["title"], share, market, tuple(entry["codes"]), purpose, entry.get("underlying", {}))


@cache
def _ranges() -> tuple[tuple[_Range, ...], Mapping[str, tuple[str, ...]]]:
    with (DATA / "securities.toml").open("rb") as stream:
        content = tomllib.load(stream)
    ranges = tuple(_range(entry) for entry in content["range"])
    return ranges, {kind: tuple(names) for kind, names in content["names"].items()}


@lru_cache(maxsize=1 << 14)
def security_of(text: str, market: str = "", name: str = "") -> Security | None:
    """What security a code means; None when there is no code. Zeros that a spreadsheet dropped are put back.

    market: what the column of the market says. name: of the security.

    >>> security_of("600518"), security_of("1").code, security_of("204001").title, security_of("900901").title
    (Security(code='600518.SH', title='A股', share=True, purpose=''), '000001.SZ', '债券回购', 'B股')
    >>> security_of("700036"), security_of("00700", "港股通").title
    (Security(code='600036.SH', title='配股代码（沪市）', share=False, purpose='rights'), '港股')
    """
    raw = text.strip().upper()
    if not raw:
        return None
    found = CODE.fullmatch(raw)
    if not found:
        return Security(raw[:20], "无法识别的证券", share=False)
    stated = found[1] or found[3] or ""
    if stated == "HK" or "港" in market:
        return Security(f"{found[2]}.HK", "港股", share=False)
    if re.search("[BＢ]", market) and FOREIGN_MARKET.search(market):
        return Security(found[2].zfill(6), "B股", share=False)
    exchange = STATED.get(stated, stated) or next((code for pattern, code in MARKETS if pattern.search(market)), "")
    digits = found[2].zfill(6)
    return _by_name(_by_code(digits, exchange), name)


def _by_code(digits: str, exchange: str) -> Security:
    ranges, _ = _ranges()
    fitting = [
        (len(beginning), -number, entry, beginning)
        for number, entry in enumerate(ranges)
        for beginning in entry.codes
        if digits.startswith(beginning) and not (exchange and entry.market and exchange != entry.market)
    ]
    if not fitting:
        title = "指数或无法识别的证券" if exchange else "无法识别的证券"
        return Security(f"{digits}.{exchange}" if exchange else digits, title, share=False)
    _, _, entry, beginning = max(fitting, key=lambda one: one[:2])
    if entry.purpose:
        share = entry.underlying[beginning] + digits[len(beginning) :]
        return Security(_by_code(share, "").code, entry.title, share=False, purpose=entry.purpose)
    if not entry.share:
        return Security(digits, entry.title, share=False)
    where = entry.market or exchange
    return Security(f"{digits}.{where}" if where else digits, entry.title, share=True)


def _by_name(security: Security, name: str) -> Security:
    """A name that says bond, fund or repo goes before a code that lost its zeros or whose exchange is not known."""
    if not name or not security.share:
        return security
    _, names = _ranges()
    upper = name.upper()
    for kind, title in (("bond", "债券"), ("fund", "基金"), ("repo", "债券回购")):
        if any(word in upper for word in names[kind]):
            return Security(security.code.partition(".")[0], title, share=False)
    if upper.endswith(("B", "Ｂ", "B股")) and security.code.startswith(("200", "900")):
        return Security(security.code.partition(".")[0], "B股", share=False)
    return security
