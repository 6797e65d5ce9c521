"""abnormal.csv, path.csv and events.csv: figures in full, texts safe to open in a spreadsheet."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np

from fengqiao.engine.loss.market import day_of
from fengqiao.engine.loss.model.day_table import conduct_places, cumulated, half_width, window_names
from fengqiao.engine.loss.outputs.shown import neutral
from fengqiao.engine.money import price

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from fengqiao.engine.loss.model.estimate import Estimate
    from fengqiao.engine.loss.model.event_windows import EventResult

ABNORMAL_COLUMNS = (
    "date", "previous_date", "days", "window", "close", "return", "expected", "abnormal", "standard_error", "low",
    "high", "t", "cumulative", "cumulative_error", "cumulative_low", "cumulative_high", "buy_and_hold", "limit",
    "suspended_days", "used", "events",
)  # fmt: skip
PATH_COLUMNS = (
    "date", "close", "real_close", "low", "high", "prediction_low", "prediction_high", "replaced",
)  # fmt: skip
EVENT_COLUMNS = (
    "name", "role", "cause", "segment", "date", "day_zero", "first", "last", "days", "actual", "expected", "car",
    "standard_error", "t", "p", "p_holm", "rank_z", "rank_p", "sign_z", "sign_p", "empirical_p", "bhar", "bhar_t",
    "limit_days", "suspended_days", "complete", "shared", "share_of_decline", "share_of_harm", "share_error", "borne",
)  # fmt: skip


def number(value: float | None) -> str:
    """A figure with ten significant digits, "" where there is none.

    >>> number(0.1), number(1 / 3), number(None)
    ('0.1', '0.3333333333', '')
    """
    return "" if value is None or not np.isfinite(value) else format(value, ".10g")


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def write_abnormal(found: Estimate, path: Path) -> None:
    """Every observation; cumulated figures run from the first day of the conduct window to its last."""
    model, observed = found.model, found.model.observed
    wide = half_width(found)
    first, end = conduct_places(found)
    sums = cumulated(found, first, end)
    names = window_names(found)
    rows = []
    for place in range(len(observed)):
        abnormal, error = float(model.abnormal[place]), float(model.error[place])
        more = [""] * 5
        if first <= place < end:
            total, spread = float(sums.sums[place - first]), float(sums.errors[place - first])
            more = [number(x) for x in (total, spread, total - wide * spread, total + wide * spread,
                                        float(sums.held[place - first]))]  # fmt: skip
        inside = [item.window.name for item in found.events if place in item.window.places]
        rows.append([
            day_of(observed.day[place]).isoformat(), day_of(observed.previous[place]).isoformat(),
            str(observed.span[place]), names[place], price(int(observed.close[place])),
            number(float(observed.value[place])), number(float(model.expected[place])), number(abnormal), number(error),
            number(-wide * error), number(wide * error), number(abnormal / error if error > 0 else None), *more,
            str(observed.limit[place]), str(observed.span[place] - observed.joined[place]),
            "true" if model.used[place] else "false", neutral("；".join(inside)),
        ])  # fmt: skip
    _write(path, ABNORMAL_COLUMNS, rows)


def write_path(found: Estimate, path: Path) -> None:
    """The simulated price path as the engine reads it (columns date and close), with real closes and bands beside.

    close is exact to 1/10000 yuan; low and high are the confidence band of the estimates, prediction_low and
    prediction_high have the noise of the replaced days as well.
    """
    wide, made = half_width(found), found.path
    low, high = made.band(wide)
    far_low, far_high = made.band(wide, "prediction")
    rows = [
        [
            day_of(made.date[k]).isoformat(), price(int(made.simulated[k])), price(int(made.close[k])),
            *(f"{values[k]:.4f}" for values in (low, high, far_low, far_high)),
            "true" if made.replaced[k] else "false",
        ]
        for k in range(len(made.date))
    ]  # fmt: skip
    _write(path, PATH_COLUMNS, rows)


def write_events(found: Estimate, path: Path) -> None:
    """Every event; its share of the decline in each segment it works on (several segments: "segment: share")."""
    _write(path, EVENT_COLUMNS, [_event_row(item, found) for item in found.events])


def _event_row(item: EventResult, found: Estimate) -> list[str]:
    window, observed = item.window, found.model.observed
    parts = [
        (one.segment, part)
        for one in found.attributions
        for part in one.parts
        if part.name == window.name and part.cause == window.cause and part.days
    ]
    several = len(found.attributions) > 1
    shares, harms, errors, borne = (
        "；".join(f"{segment}: {text}" if several else text for segment, text in texts)
        for texts in (
            [(segment, number(part.share)) for segment, part in parts],
            [(segment, number(part.harm)) for segment, part in parts],
            [(segment, number(part.error)) for segment, part in parts],
            [(segment, "true" if part.bears else "false") for segment, part in parts],
        )
    )
    first, last = observed.day[window.places[0]], observed.day[window.places[-1]]
    figures = (
        item.actual, item.expected, item.car, item.error, item.t.statistic, item.t.p, item.holm, item.rank.statistic,
        item.rank.p, item.sign.statistic, item.sign.p, item.empirical.p, item.bhar, item.bhar_t.statistic,
    )  # fmt: skip
    return [
        neutral(window.name), window.role, window.cause, neutral(window.segment), window.date.isoformat(),
        window.day_zero.isoformat(), day_of(first).isoformat(), day_of(last).isoformat(), str(len(window.places)),
        *(number(value) for value in figures), str(item.limits), str(item.suspended),
        "true" if window.complete else "false", neutral("；".join(item.shared)), neutral(shares),
        neutral(harms), neutral(errors),
        borne,
    ]  # fmt: skip
