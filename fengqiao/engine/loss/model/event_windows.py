"""Each event with its abnormal return, how sure it is, and what else happened on the same days."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from fengqiao.engine.errors import CannotComputeError
from fengqiao.engine.loss.market import day_of
from fengqiao.engine.loss.model.significance import (
    Test,
    buy_and_hold,
    cross_section,
    empirical_test,
    holm,
    normal_test,
    patell,
    rank_test,
    sign_test,
    t_test,
)
from fengqiao.engine.loss.model.windows import event_places

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from fengqiao.engine.dates import TradingCalendar
    from fengqiao.engine.loss.model.normal import Normal
    from fengqiao.engine.loss.model.settings import ModelSettings
    from fengqiao.engine.loss.plan import CasePlan

Role = Literal["inducing", "revelation", "company"]
ROLE_NAMES = {"inducing": "实施日", "revelation": "揭露日", "company": "公司事件"}


@dataclass(frozen=True)
class EventWindow:
    """An event and the observations in its window. belongs: it is part of the misstatement itself. segment: of which
    segment ("" for company events). complete: False where the data do not reach all of the window."""

    name: str
    role: Role
    cause: str
    segment: str
    date: dt.date
    day_zero: dt.date
    places: NDArray[np.int64]
    complete: bool
    belongs: bool


@dataclass(frozen=True)
class EventResult:
    """What an event did to the price. actual, expected, car, bhar: over the window; error: standard error of car.

    shared: names of other events with days in common. limits: days at a price limit. suspended: days without trading
    that the window's returns span. holm: p of t adjusted for the number of events of its role.
    """

    window: EventWindow
    actual: float
    expected: float
    car: float
    error: float
    t: Test
    rank: Test
    sign: Test
    empirical: Test
    bhar: float
    bhar_t: Test
    limits: int
    suspended: int
    shared: tuple[str, ...]
    holm: float | None = None


@dataclass(frozen=True)
class JointTests:
    """Tests of all company events together: Patell's Z, Boehmer-Musumeci-Poulsen, generalised sign, Corrado's rank
    of the first days."""

    count: int
    patell: Test
    bmp: Test
    sign: Test
    rank: Test


def event_windows(
    plan: CasePlan, model: Normal, settings: ModelSettings, calendar: TradingCalendar
) -> tuple[EventWindow, ...]:  # fmt: skip
    """The windows of the misstatement (implementation and revelation of each segment) and of the company events.

    Day 0 is the first day with trading on or after the day on which the market could act: the implementation date, T1,
    the event's date or, after the close, the trading day after it.
    Errors: CannotComputeError for an event before or behind all data.
    """
    out = []
    for part in plan.segments:
        name = f"（{part.segment.name}）" if len(plan.segments) > 1 else ""
        kind = "更正日" if part.segment.revelation_kind == "correction" else "揭露日"
        start = calendar.on_or_after(part.segment.implementation)
        out.append(_window(f"实施日{name}", "inducing", "misstatement", part.segment.name,
                           part.segment.implementation, start, settings.inducing_window, model, True))  # fmt: skip
        out.append(_window(f"{kind}{name}", "revelation", "misstatement", part.segment.name, part.segment.revelation,
                           part.t1, settings.revelation_window, model, True))  # fmt: skip
    for event in settings.events:
        after = calendar.next_trading_day(event.date) if event.after_close else calendar.on_or_after(event.date)
        out.append(_window(event.name, "company", event.cause, "", event.date, after, event.window, model,
                           event.cause == "misstatement"))  # fmt: skip
    return tuple(out)


def _window(
    name: str, role: Role, cause: str, segment: str, date: dt.date, first: dt.date, window: tuple[int, int],
    model: Normal, belongs: bool,
) -> EventWindow:  # fmt: skip
    found = model.observed
    places = event_places(found, first, window)
    zero = event_places(found, first, (0, 0))
    if len(places) == 0 or len(zero) == 0:
        raise CannotComputeError(
            f'The event "{name}" ({date}) has no return in its window (事件窗口没有收益率)',
            why=f"the first day with trading on or after it lies behind {day_of(found.day[-1])}, where the conduct "
            "window (影响期间) ends or the market data do",
            todo="Check the date, or leave the event out: it had no part in the decline",
        )  # fmt: skip
    complete = len(places) == window[1] - window[0] + 1
    return EventWindow(name, role, cause, segment, date, day_of(found.day[zero[0]]), places, complete, belongs)


def event_results(windows: Sequence[EventWindow], model: Normal) -> tuple[EventResult, ...]:
    """Every event with its statistics; p values are also adjusted for the number of events of the same role (Holm)."""
    found = [_result(window, windows, model) for window in windows]
    for role in ROLE_NAMES:
        places = [k for k, item in enumerate(found) if item.window.role == role]
        for place, value in zip(places, holm([found[k].t.p for k in places]), strict=True):
            found[place] = replace(found[place], holm=value)
    return tuple(found)


def car_error(model: Normal, weights: NDArray[np.float64], places: NDArray[np.int64]) -> float:
    """Standard error of a weighted sum of abnormal returns, estimates counted in."""
    spans = float(np.sum(weights**2 * model.observed.span[places]))
    row = weights @ model.rows[places] if model.rows.shape[1] else np.empty(0)
    return float(np.sqrt(model.fit.variance(row, spans)))


def _result(window: EventWindow, windows: Sequence[EventWindow], model: Normal) -> EventResult:
    places, observed = window.places, model.observed
    abnormal = model.abnormal[places]
    error = 0.0 if model.fit.exact else car_error(model, np.ones(len(places)), places)
    car = float(np.sum(abnormal))
    hold = float(buy_and_hold(observed.value[places], model.expected[places], log=observed.log)[-1])
    spread = np.sqrt(observed.span[places].astype(np.float64))
    residual = model.residual
    rank = sign = empirical = Test(None, None, "没有可比较的波动")
    if not model.fit.exact:
        rank = rank_test(residual[None, :], (abnormal / spread)[None, :])[1]
        sign = sign_test(int(np.sum(abnormal > 0)), len(abnormal), float(np.mean(residual > 0)))
        empirical = empirical_test(car, residual, int(np.sum(observed.span[places])))
    shared = tuple(
        other.name for other in windows if other is not window and np.intersect1d(other.places, places).size
    )  # fmt: skip
    return EventResult(
        window=window, actual=float(np.sum(observed.value[places])), expected=float(np.sum(model.expected[places])),
        car=car, error=error, t=t_test(car, error, model.fit.freedom), rank=rank, sign=sign, empirical=empirical,
        bhar=hold, bhar_t=t_test(hold, error, model.fit.freedom),
        limits=int(np.sum(observed.limit[places] != 0)),
        suspended=int(np.sum(observed.span[places] - observed.joined[places])), shared=shared,
    )  # fmt: skip


def joint_tests(results: Sequence[EventResult], model: Normal) -> JointTests | None:
    """Tests of the company events together; None where there are fewer than two of them."""
    events = [item for item in results if item.window.role == "company" and item.error > 0]
    if len(events) < 2:
        return None
    standardised = np.array([item.car / item.error for item in events])
    freedom = [model.fit.freedom] * len(events)
    first = np.array([
        float(model.abnormal[item.window.places[0]]) / float(model.observed.span[item.window.places[0]]) ** 0.5
        for item in events
    ])  # fmt: skip
    estimation = np.repeat(model.residual[None, :], len(events), axis=0)
    positive = int(np.sum(standardised > 0))
    return JointTests(
        len(events), normal_test(patell(standardised[:, None], freedom)[1]), cross_section(standardised),
        sign_test(positive, len(events), float(np.mean(model.residual > 0))),
        rank_test(estimation, first[:, None])[1],
    )  # fmt: skip
