"""`fengqiao loss model` as a second process: files in, files out, the engine on the path, refusals."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import polars as pl
import pypdf
import pytest

from fengqiao.cli.tests.measuring import digests, run
from fengqiao.engine.loss.model.tables import ABNORMAL_COLUMNS, EVENT_COLUMNS, PATH_COLUMNS
from fengqiao.engine.loss.model.tests.invented_company import (
    CASE_TEXT,
    REVELATION,
    Company,
    write_factors,
    write_market,
)
from fengqiao.engine.loss.reading import read_path

MODEL = """
[model]
kind = "market"
market = "MKT"
[[model.events]]
name = "=业绩预告"
date = 2020-12-01
cause = "operations"
"""
COMPANY = Company(seed=4, effects={REVELATION: -0.1, dt.date(2020, 12, 1): -0.06})
TRADES = "investor,date,side,quantity,price\n" + "".join(
    f"I{number:04d},2020-{month:02d}-08,buy,{100 * number},60\nI{number:04d},2020-11-25,sell,{50 * number},18\n"
    for number, month in ((1, 4), (2, 5), (3, 6), (4, 7), (5, 9))
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "CASE.toml").write_text(CASE_TEXT + MODEL, encoding="utf-8")
    (tmp_path / "trades.csv").write_text(TRADES, encoding="utf-8")
    write_market(COMPANY.market(), tmp_path / "market.csv")
    write_factors(COMPANY.factors(), tmp_path / "factors.csv")
    return tmp_path


ARGUMENTS = ("loss", "model", "CASE.toml", "--market", "market.csv", "--factors", "factors.csv", "--out", "out")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_everything_is_written_and_holds_together(place: Path) -> None:
    done = run(*ARGUMENTS, cwd=place)
    assert (done.returncode, done.stderr) == (0, "")
    assert "市场模型：R = α + β·R(MKT) + ε" in done.stdout
    record = json.loads((place / "out" / "model.json").read_text(encoding="utf-8"))
    beta = next(item for item in record["coefficients"] if item["name"] == "MKT")
    assert beta["estimate"] == pytest.approx(1.1, abs=4 * beta["standard_error"])
    assert [item["role"] for item in record["inputs"]] == ["case", "market", "factors"]
    assert record["warnings"]
    assert all("待核" in text for text in record["price_limits"])
    days = rows(place / "out" / "abnormal.csv")
    assert tuple(days[0]) == ABNORMAL_COLUMNS
    assert sum(row["used"] == "true" for row in days) == record["estimation_window"]["observations"] == 250
    for row in days:
        assert float(row["return"]) - float(row["expected"]) == pytest.approx(float(row["abnormal"]), abs=1e-9)
    revealed = next(item for item in record["events"] if item["role"] == "revelation")
    inside = [float(row["abnormal"]) for row in days if "揭露日" in row["events"]]
    assert sum(inside) == pytest.approx(revealed["car"], abs=1e-9)
    events = rows(place / "out" / "events.csv")
    assert tuple(events[0]) == EVENT_COLUMNS
    assert [row["name"] for row in events] == ["实施日", "揭露日", "'=业绩预告"]
    drawn = {path.stem for path in (place / "out" / "charts").iterdir()}
    assert drawn == {"path", "cumulative", "revelation_1", "event_1", "attribution_1"}
    for path in (place / "out" / "charts").iterdir():
        assert ET.fromstring(path.read_text(encoding="utf-8")).tag.endswith("svg")
    text = "".join(page.extract_text() for page in pypdf.PdfReader(place / "out" / "report.pdf").pages)
    for said in (
        "价格模型报告",
        "统计结论的限度",
        "换一种设置的结果",
        "待核",
        "其他因素比例",
        record["inputs"][0]["digest"][:20],
    ):
        assert said in text.replace("\n", ""), said


def test_the_path_is_exact_from_there_on(place: Path) -> None:
    assert run(*ARGUMENTS, cwd=place).returncode == 0
    path = rows(place / "out" / "path.csv")
    assert tuple(path[0]) == PATH_COLUMNS
    series = read_path(place / "out" / "path.csv")
    assert [f"{int(units) // 10_000}.{int(units) % 10_000:04d}" for units in series.close] == [
        row["close"] for row in path
    ]
    assert path[0]["close"] == path[0]["real_close"]  # it starts from the last price before the misstatement
    assert path[0]["date"] == "2020-02-28"
    for row in path:
        assert float(row["prediction_low"]) <= float(row["low"]) <= float(row["close"]) + 1e-4
        assert float(row["close"]) - 1e-4 <= float(row["high"]) <= float(row["prediction_high"])


def test_losses_on_the_path_are_those_of_the_engine(place: Path) -> None:
    done = run(*ARGUMENTS, "--trades", "trades.csv", "--formats", "csv", cwd=place)
    assert (done.returncode, done.stderr) == (0, "")
    assert "合计" in done.stdout
    assert "out/loss/results.parquet" in done.stdout.replace("\\", "/")
    case = CASE_TEXT + '[deduction]\nmarket_risk = "simulated_price"\npath = "out/path.csv"\n'
    (place / "given.toml").write_text(case, encoding="utf-8")
    again = run("loss", "measure", "given.toml", "--trades", "trades.csv", "--market", "market.csv", "--out", "given",
                "--formats", "csv", cwd=place)  # fmt: skip
    assert again.returncode == 0, again.stderr
    one, two = (pl.read_parquet(place / name / "results.parquet") for name in ("out/loss", "given"))
    assert one.equals(two)
    assert one["awarded_loss"].sum() != one["difference_loss"].sum()
    record = json.loads((place / "out" / "loss" / "run.json").read_text(encoding="utf-8"))
    assert record["settings"]["deduction.market_risk"] == "simulated_price"
    assert "path.csv" in {item["file"] for item in record["inputs"]}


def test_the_same_input_gives_the_same_bytes(place: Path) -> None:
    run(*ARGUMENTS, "--trades", "trades.csv", cwd=place)
    first = digests(place / "out")
    run(*ARGUMENTS, "--trades", "trades.csv", "--jobs", "1", cwd=place)
    assert digests(place / "out") == first
    run(*ARGUMENTS, cwd=place)
    assert not (place / "out" / "loss").exists()  # nothing is left from the run before


def test_loss_measure_passes_over_the_model(place: Path) -> None:
    done = run("loss", "measure", "CASE.toml", "--trades", "trades.csv", "--market", "market.csv", "--out", "plain",
               "--formats", "csv", cwd=place)  # fmt: skip
    assert done.returncode == 0, done.stderr


def without_factors(place: Path) -> tuple[str, ...]:
    return tuple(word for word in ARGUMENTS if word not in ("--factors", "factors.csv"))


def rewritten(name: str, change: Callable[[str], str]) -> Callable[[Path], tuple[str, ...]]:
    def apply(place: Path) -> tuple[str, ...]:
        text = (place / name).read_text(encoding="utf-8")
        (place / name).write_text(change(text), encoding="utf-8")
        return ARGUMENTS

    return apply


def constant(text: str) -> str:
    head, *lines = text.splitlines()
    return "\n".join([head, *(",".join([line.split(",")[0], "10", *line.split(",")[2:]]) for line in lines)])


def zero_price(text: str) -> str:
    lines = text.splitlines()
    fields = lines[9].split(",")
    return "\n".join([*lines[:9], ",".join([fields[0], "0", *fields[2:]]), *lines[10:]])


REFUSALS: dict[str, tuple[Callable[[Path], tuple[str, ...]], str]] = {
    "a price that stands still": (rewritten("market.csv", constant), "收益率不变"),
    "no price at all": (rewritten("market.csv", lambda text: text.splitlines()[0] + "\n"), "没有数据行"),
    "a price of zero": (rewritten("market.csv", zero_price), 'row 10, column "close"'),
    "a day twice": (rewritten("market.csv", lambda text: text + text.splitlines()[5] + "\n"), "日期重复"),
    "a factor that ends early": (
        rewritten("factors.csv", lambda text: "\n".join(text.splitlines()[:400])), "因子缺少交易日"),
    "no factors": (without_factors, "needs factor data (因子): MKT. Add --factors FILE"),
    "no [model]": (rewritten("CASE.toml", lambda text: text.partition("[model]")[0]), "The case file has no [model]"),
    "a misspelt key": (rewritten("CASE.toml", lambda text: text.replace("kind =", "knd =")), 'did you mean "kind"'),
    "a misspelt event": (
        rewritten("CASE.toml", lambda text: text.replace('"operations"', '"operation"')), 'did you mean "operations"'),
    "a misspelt section": (
        rewritten("CASE.toml", lambda text: text.replace("[model]", "[modl]").replace("[model.", "[modl.")),
        'did you mean "model"'),
    "windows that overlap": (
        rewritten("CASE.toml", lambda text: text.replace(
            'market = "MKT"', 'market = "MKT"\nestimation_from = 2019-06-03\nestimation_to = 2020-03-10')),
        "overlaps the conduct window"),
    "too few observations": (
        rewritten("CASE.toml", lambda text: text.replace(
            'market = "MKT"', 'market = "MKT"\nestimation_from = 2019-06-03\nestimation_to = 2019-07-10')),
        "观测太少"),
    "no such column": (
        rewritten("CASE.toml", lambda text: text.replace('"MKT"', '"MTK"')), 'did you mean "MKT"'),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSALS)
def test_refusals_are_one_sentence_and_leave_nothing(place: Path, what: str) -> None:
    change, says = REFUSALS[what]
    done = run(*change(place), cwd=place)
    assert done.returncode == 2, done.stdout + done.stderr
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr
    assert not (place / "out").exists()
    assert not [path for path in place.iterdir() if path.name.startswith(".")]


def test_a_failed_measurement_leaves_what_was_there(place: Path) -> None:
    assert run(*ARGUMENTS, cwd=place).returncode == 0
    before = digests(place / "out")
    done = run(*ARGUMENTS, "--trades", "nowhere.csv", cwd=place)
    assert done.returncode == 2
    assert digests(place / "out") == before
