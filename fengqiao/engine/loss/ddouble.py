"""Double-double arithmetic for the kernels: a number is hi + lo, some 106 bits, with error-free products by FMA.

Every operation below has a relative error of at most 2**-102 of its result (Joldes, Muller, Popescu: Tight and
rigorous error bounds for basic building blocks of double-word arithmetic, 2017: 3u^2, 5u^2 and 15u^2 with u = 2**-53).
`settle` turns a value with a known error bound into an integer, and only where that is proven.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

F = TypeVar("F", bound=Callable[..., Any])

SETTLED, OPEN = 0, 1
KERNELS: list[Any] = []
WRAPPERS = ("no_cpython_wrapper", "no_cfunc_wrapper")


def kernel(function: F) -> F:
    """Compile a function for use inside the kernels: no GIL, IEEE arithmetic as written, no bounds checks."""
    KERNELS.append(njit(nogil=True, error_model="numpy", fastmath=False, boundscheck=False)(function))
    return cast("F", KERNELS[-1])


@contextmanager
def without_wrappers() -> Iterator[None]:
    """Within, kernels are compiled without what Python would call them through: that is a third of the time. Afterwards
    they are compiled anew for whoever calls them from Python."""
    for each in KERNELS:
        each.targetoptions.update(dict.fromkeys(WRAPPERS, True))
    try:
        yield
    finally:
        for each in KERNELS:
            for name in WRAPPERS:
                each.targetoptions.pop(name)
            each._reset_overloads()


@intrinsic  # type: ignore[untyped-decorator]
def fma(typingctx: Any, a: Any, b: Any, c: Any) -> Any:
    """a * b + c with one rounding."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        double = ir.DoubleType()
        shape = ir.FunctionType(double, [double, double, double])
        function = builder.module.declare_intrinsic("llvm.fma", [double], shape)
        return builder.call(function, args)

    return types.float64(types.float64, types.float64, types.float64), codegen


@kernel
def two_sum(a: float, b: float) -> tuple[float, float]:
    """a + b as rounded sum and its exact error."""
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


@kernel
def renormalise(hi: float, lo: float) -> tuple[float, float]:
    """The same number with |lo| at most half a unit of hi; needs |hi| >= |lo|."""
    s = hi + lo
    return s, lo - (s - hi)


@kernel
def of_int(value: int) -> tuple[float, float]:
    """An integer of at most 2**62, exactly."""
    hi = float(value)
    return hi, float(value - int(hi))


@kernel
def add(ah: float, al: float, bh: float, bl: float) -> tuple[float, float]:
    """Sum, error at most 3u^2 of the result, also under cancellation."""
    sh, sl = two_sum(ah, bh)
    th, tl = two_sum(al, bl)
    sh, sl = renormalise(sh, sl + th)
    return renormalise(sh, sl + tl)


@kernel
def mul(ah: float, al: float, bh: float, bl: float) -> tuple[float, float]:
    """Product, error at most 5u^2."""
    ph = ah * bh
    pl = fma(ah, bh, -ph)
    return renormalise(ph, pl + fma(ah, bl, al * bh) + al * bl)


@kernel
def div(ah: float, al: float, bh: float, bl: float) -> tuple[float, float]:
    """Quotient, error at most 15u^2; the divisor must not be 0."""
    th = ah / bh
    rh, rl = mul(bh, bl, th, 0.0)
    dh, dl = add(ah, al, -rh, -rl)
    tl = (dh + dl) / bh
    return renormalise(th, tl)


@kernel
def settle(hi: float, lo: float, error: float, denominator: float, half_up: int) -> tuple[int, int]:
    """Round hi + lo to an integer, halves away from zero or towards zero: (integer, SETTLED) or (0, OPEN).

    error bounds the distance to the true value. denominator bounds the denominator of the true value as a fraction
    (infinite when unknown). Away from a rounding point by more than the error the integer is certain. Within the
    error of one it is certain when the error (and that of this function) is < 1 / (4 * denominator): a fraction that
    near to a point with denominator 2 lies on it. Everything else stays OPEN and is recomputed in exact fractions.
    """
    negative = hi < 0.0
    if negative:
        hi, lo = -hi, -lo
    if half_up:
        hi, lo = add(hi, lo, 0.5, 0.0)
    if not hi < 4.0e15:
        return 0, OPEN
    whole = float(int(hi))
    rest = hi - whole
    # distances to the integers below and above, each exact where it is small
    if rest + lo < 0.0:
        whole -= 1.0
        below, above = 1.0, -lo
    else:
        below, above = rest + lo, (1.0 - rest) - lo
    margin = error + 2.0**-100 * (hi + 1.0)
    if below <= margin or above <= margin:
        if not margin * 4.0 * denominator < 1.0:
            return 0, OPEN
        if above <= margin:
            whole += 1.0
    result = int(whole)
    return (-result if negative else result), SETTLED
