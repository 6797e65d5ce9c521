"""Ex-rights adjustment (复权): bring prices and quantities of any day to the basis of the benchmark date.

Source: cn2022 art. 29, cn2003 art. 35; which actions adjust is set by `dividends` and `rights`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

    from fengqiao.engine.loss.case import Method
    from fengqiao.engine.loss.market import CorporateAction

ONE, ZERO = Fraction(1), Fraction(0)


@dataclass(frozen=True)
class Basis:
    """How a day's figures become figures of the benchmark date's basis.

    shares: one share then is so many shares on the benchmark date. scale, shift: a price p (yuan) then is
    p * scale + shift yuan on the benchmark date.
    """

    shares: Fraction = ONE
    scale: Fraction = ONE
    shift: Fraction = ZERO

    def price(self, yuan: Fraction) -> Fraction:
        """A price of that day on the basis of the benchmark date, in yuan."""
        return yuan * self.scale + self.shift

    def before(self, action: CorporateAction, method: Method) -> Basis:
        """The basis that holds before an action when `self` holds on and after its ex date.

        The ex-rights reference price is (p - cash + rights_ratio * rights_price) / (1 + bonus + rights_ratio);
        cash enters only with dividends = "adjust", rights only with rights = "adjust". Rights shares add to the
        quantity only when the record shows that they were bought.

        >>> import datetime as dt
        >>> from fengqiao.engine.loss.case import Method
        >>> from fengqiao.engine.loss.market import CorporateAction
        >>> split = CorporateAction(dt.date(2018, 1, 2), bonus_ratio=Fraction(1))
        >>> Basis().before(split, Method())
        Basis(shares=Fraction(2, 1), scale=Fraction(1, 2), shift=Fraction(0, 1))
        """
        cash = action.cash_per_share if method.dividends == "adjust" else ZERO
        rights = action.rights_ratio if method.rights == "adjust" else ZERO
        divisor = 1 + action.bonus_ratio + rights
        shift = (rights * action.rights_price - cash) / divisor
        return Basis(
            shares=self.shares * (1 + action.bonus_ratio),
            scale=self.scale / divisor,
            shift=self.scale * shift + self.shift,
        )


@dataclass(frozen=True)
class Adjustment:
    """The bases of all days up to one benchmark date. Days on or after the last ex date have the neutral basis.

    ex_dates: ascending; bases[k] holds for days before ex_dates[k] and on or after ex_dates[k - 1].
    """

    ex_dates: tuple[dt.date, ...]
    bases: tuple[Basis, ...]
    actions: tuple[CorporateAction, ...] = ()

    def on(self, day: dt.date) -> Basis:
        """The basis of a day."""
        for ex_date, basis in zip(self.ex_dates, self.bases, strict=True):
            if day < ex_date:
                return basis
        return NEUTRAL

    @property
    def neutral(self) -> bool:
        """True when no action changes anything."""
        return all(basis == NEUTRAL for basis in self.bases)


NEUTRAL = Basis()


def adjustment_to(benchmark: dt.date, actions: Sequence[CorporateAction], method: Method) -> Adjustment:
    """The adjustment of every day to the basis of `benchmark`; actions with a later ex date do not count.

    >>> import datetime as dt
    >>> from fengqiao.engine.loss.case import Method
    >>> from fengqiao.engine.loss.market import CorporateAction
    >>> action = CorporateAction(dt.date(2018, 6, 1), bonus_ratio=Fraction(3, 10))
    >>> adjusted = adjustment_to(dt.date(2019, 1, 4), [action], Method())
    >>> adjusted.on(dt.date(2018, 5, 31)).shares, adjusted.on(dt.date(2018, 6, 1)).shares
    (Fraction(13, 10), Fraction(1, 1))
    """
    relevant = sorted((action for action in actions if action.ex_date <= benchmark), key=lambda item: item.ex_date)
    basis, bases = NEUTRAL, []
    for action in reversed(relevant):
        basis = basis.before(action, method)
        bases.append(basis)
    return Adjustment(
        ex_dates=tuple(action.ex_date for action in relevant),
        bases=tuple(reversed(bases)),
        actions=tuple(relevant),
    )
