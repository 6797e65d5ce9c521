"""Words of bound in Chinese law: which include the number itself (民法典 art. 1259)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fengqiao.engine.errors import unknown_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from fractions import Fraction

WORDS: dict[str, Callable[[int | Fraction, int | Fraction], bool]] = {
    "以上": lambda value, bound: value >= bound,
    "以下": lambda value, bound: value <= bound,
    "以内": lambda value, bound: value <= bound,
    "届满": lambda value, bound: value >= bound,
    "不满": lambda value, bound: value < bound,
    "超过": lambda value, bound: value > bound,
    "以外": lambda value, bound: value > bound,
}


def holds(word: str, value: int | Fraction, bound: int | Fraction) -> bool:
    """Whether a number lies within a bound as the word says: 以上, 以下, 以内, 届满 include it, the others do not.

    >>> holds("以上", 10, 10), holds("超过", 10, 10), holds("不满", 10, 10)
    (True, False, False)
    """
    compare = WORDS.get(word)
    if compare is None:
        raise unknown_name("word of bound (以上、不满等)", word, WORDS)
    return compare(value, bound)
