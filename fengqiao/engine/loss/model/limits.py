"""Days on which the close stood at the price limit (涨跌停): the price could not go where the news would take it.

The limits of the boards come from `engine/law` (`trading.*`, all 待核); a case may give another ratio.
"""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import TYPE_CHECKING

from fengqiao.engine import law
from fengqiao.engine.money import PRICE_UNITS_PER_FEN, round_fraction

if TYPE_CHECKING:
    from fengqiao.engine.loss.model.settings import ModelSettings

BOARDS = (
    (("688", "689"), "trading.price_limit_star"),
    (("300", "301", "302"), "trading.price_limit_chinext"),
    (("43", "83", "87", "88", "92"), "trading.price_limit_beijing"),
)
MAIN, SPECIAL = "trading.price_limit_main", "trading.price_limit_special_treatment"


def limit_parameter(security: str) -> str:
    """The law parameter that holds the price limit of a security's board, by its code.

    >>> limit_parameter("600074"), limit_parameter("300750"), limit_parameter("SH688001")
    ('trading.price_limit_main', 'trading.price_limit_chinext', 'trading.price_limit_star')
    """
    code = "".join(sign for sign in security if sign.isdigit())[:6]
    return next((name for starts, name in BOARDS if code.startswith(starts)), MAIN)


def limit_on(security: str, day: dt.date, settings: ModelSettings) -> Fraction | None:
    """The daily price limit of a security as a ratio; None on days for which none is known.

    Special treatment (风险警示) halves it on the main boards only, in the periods that the case gives.

    >>> from fengqiao.engine.loss.model.settings import ModelSettings
    >>> limit_on("600074", dt.date(2016, 12, 29), ModelSettings())
    Fraction(1, 10)
    """
    if settings.price_limit is not None:
        return settings.price_limit
    name = limit_parameter(security)
    if name == MAIN and any(first <= day <= last for first, last in settings.special_treatment):
        name = SPECIAL
    found = next((dated.value for dated in law.history(name) if dated.covers(day)), None)
    return found if isinstance(found, Fraction) else None


def at_limit(close: int, reference: Fraction, limit: Fraction | None) -> int:
    """1 where a close stands at the upper limit, -1 at the lower, 0 elsewhere.

    close and reference (the previous close, ex-rights adjusted) in 1/10000 yuan. The limit price is the reference
    price, to the fen, times 1 ± limit, rounded half up to the fen.

    >>> at_limit(125_700, Fraction(139_700), Fraction(1, 10)), at_limit(125_800, Fraction(139_700), Fraction(1, 10))
    (-1, 0)
    """
    if limit is None:
        return 0
    fen = round_fraction(reference / PRICE_UNITS_PER_FEN)
    for sign in (1, -1):
        if close == round_fraction(fen * (1 + sign * limit)) * PRICE_UNITS_PER_FEN:
            return sign
    return 0
