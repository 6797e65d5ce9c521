"""Amounts in words (大写金额), as banks and courts write them."""

from __future__ import annotations

from fengqiao.engine.errors import InputError

DIGITS = "零壹贰叁肆伍陆柒捌玖"
UNITS = ("", "拾", "佰", "仟")
GROUPS = ("", "万", "亿", "万亿")
LARGEST = 10**18 - 1
"""Largest amount in fen: below one 亿亿 yuan."""


def money_words(fen: int) -> str:
    """An amount of fen in words; 整 stands where no fen follow.

    >>> money_words(1234567), money_words(100), money_words(10_000_000_05), money_words(5), money_words(0)
    ('人民币壹万贰仟叁佰肆拾伍元陆角柒分', '人民币壹元整', '人民币壹仟万元零伍分', '人民币伍分', '人民币零元整')
    >>> money_words(1000_00 + 10), money_words(10_001_000_00), money_words(10)
    ('人民币壹仟元零壹角整', '人民币壹仟万壹仟元整', '人民币壹角整')
    """
    if not 0 <= fen <= LARGEST:
        raise InputError("金额不能写成大写", why=f"{fen!r}不是零到一亿亿元之间的整数分")
    yuan, rest = divmod(fen, 100)
    jiao, cents = divmod(rest, 10)
    whole = _whole(yuan) + "元" if yuan else ""
    part = ""
    if rest:
        gap = "零" if yuan and (jiao == 0 or yuan % 10 == 0) else ""
        part = gap + (DIGITS[jiao] + "角" if jiao else "") + (DIGITS[cents] + "分" if cents else "")
    if not whole and not part:
        whole = "零元"
    return f"人民币{whole}{part}{'' if cents else '整'}"


def _whole(number: int) -> str:
    groups = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    said, gap = "", False
    for place in range(len(groups) - 1, -1, -1):
        group = groups[place]
        if not group:
            gap = True
            if place == 2 and len(groups) > 3:
                said += "亿"  # 壹万亿, with nothing between
            continue
        if said and (gap or group < 1000):
            said += "零"
        unit = "万" if place == 3 else GROUPS[place]
        said, gap = said + _group(group) + unit, False
    return said


def _group(group: int) -> str:
    said, gap = "", False
    for place in range(3, -1, -1):
        digit = group // 10**place % 10
        if digit:
            said += ("零" if gap and said else "") + DIGITS[digit] + UNITS[place]
            gap = False
        else:
            gap = True
    return said
