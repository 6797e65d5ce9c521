"""Bad input through the real command: one sentence on stderr, exit code 2, nothing half-written."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from fengqiao.cli.tests.measuring import CASE, frame, index_rows, market_rows, run, trade_rows, write_csv, write_inputs

ROWS = trade_rows(5, kinds=False)
Change = Callable[[Path], object]
INDEXED = '[deduction]\nmarket_risk = "synchronised_index"\nindices = ["000300"]\n'


@pytest.fixture
def place(tmp_path: Path) -> Path:
    write_inputs(tmp_path)
    write_csv(tmp_path / "trades.csv", ROWS)
    return tmp_path


def case_with(old: str, new: str) -> Change:
    assert old in CASE
    return lambda place: (place / "CASE.toml").write_text(CASE.replace(old, new), encoding="utf-8")


def case_plus(text: str) -> Change:
    return lambda place: (place / "CASE.toml").write_text(CASE + text, encoding="utf-8")


def trades(content: str | bytes) -> Change:
    data = content.encode() if isinstance(content, str) else content
    return lambda place: (place / "trades.csv").write_bytes(data)


def market_without(kept: Callable[[dict[str, str]], bool], **changed: str) -> Change:
    rows = [row | changed for row in market_rows() if kept(row)]
    return lambda place: write_csv(place / "market.csv", rows)


def indices_without(day: str) -> Change:
    def change(place: Path) -> None:
        case_plus(INDEXED)(place)
        write_csv(place / "indices.csv", [row for row in index_rows() if row["date"] != day])

    return change


def bomb(place: Path) -> None:
    """A workbook of a few kilobytes that unpacks to 200 MB."""
    with zipfile.ZipFile(place / "trades.csv", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        file.writestr("[Content_Types].xml", "<Types/>")
        file.writestr("xl/workbook.xml", "<workbook/>")
        file.writestr("xl/worksheets/sheet1.xml", b" " * 200_000_000)


def endless_line(place: Path) -> None:
    """A file of 5 GB without a line break (sparse behind the first 3 MB, so that it takes little room)."""
    with (place / "trades.csv").open("wb") as file:
        file.write(b"investor,date,side,quantity,price\nA,2022-03-02,buy,100," + b"1" * 3_000_000)
        file.seek(5 * 10**9)
        file.write(b"1")


HEADER = "investor,date,side,quantity,price\n"
BAD: dict[str, tuple[Change, tuple[str, ...]]] = {
    "the case is missing": (lambda p: (p / "CASE.toml").unlink(), ("CASE.toml", "cannot be read")),
    "the case is a directory": (
        lambda p: ((p / "CASE.toml").unlink(), (p / "CASE.toml").mkdir()), ("CASE.toml", "cannot be read")),
    "the case is no TOML": (lambda p: (p / "CASE.toml").write_text("[case\n"), ("CASE.toml", "not valid TOML")),
    "the case is no text": (lambda p: (p / "CASE.toml").write_bytes(b"\xff\xfe\x00"), ("CASE.toml", "not UTF-8")),
    "an unknown section": (case_with("[dates]", "[date]"), ('"date"', 'did you mean "dates"')),
    "an unknown key": (case_plus('[method]\naveragin = "weighted"\n'), ('"averagin"', 'did you mean "averaging"')),
    "an unknown value": (
        case_plus('[method]\naveraging = "weigthed"\n'), ("averaging", '"weigthed"', 'did you mean "weighted"')),
    "an unknown key of the case": (case_with("rules =", "rule ="), ('"rule"', 'did you mean "rules"')),
    "a key is missing": (case_with('security = "600000"\n', ""), ("[case]", "security")),
    "a ratio as a floating point number": (
        case_plus('[deduction]\nmarket_risk = "fixed"\nratio = 0.3\nreason = "甲"\n'), ("ratio", "quotes")),
    "a ratio above one": (
        case_plus('[deduction]\nmarket_risk = "fixed"\nratio = "1.3"\nreason = "甲"\n'), ("between 0 and 1",)),
    "a fixed ratio without its reason": (
        case_plus('[deduction]\nmarket_risk = "fixed"\nratio = "0.3"\n'), ("reason",)),
    "a date with a time": (case_with('"2022-03-01"', "2022-03-01T09:30:00"), ("implementation", "time")),
    "a date that is none": (case_with('"2022-03-01"', '"2022-02-30"'), ("implementation", "2022-02-30")),
    "revelation before implementation": (
        case_with('"2023-07-20"', '"2022-02-01"'), ("揭露日", "2022-02-01 is not after 2022-03-01")),
    "benchmark before revelation": (
        case_plus('benchmark = "2023-07-19"\n'), ("基准日", "2023-07-19 is before 2023-07-20")),
    "benchmark before T1": (
        case_plus('benchmark = "2023-07-20"\nbenchmark_price = "9"\nrevelation_after_close = true\n'),
        ("2023-07-20 is before T1 (2023-07-21)",)),
    "a benchmark price without a date": (case_plus('benchmark_price = "9"\n'), ("基准价", "without")),
    "an inducing sale under cn2003": (
        lambda p: (p / "CASE.toml").write_text(
            CASE.replace("cn2022", "cn2003").replace("inducing_purchase", "inducing_sale"), encoding="utf-8"),
        ("inducing_sale", "cn2003", "第18条")),
    "interest under cn2022": (case_plus("[fees]\ninterest = true\n"), ("interest", "cn2022")),
    "dividends deducted under cn2003": (
        lambda p: (p / "CASE.toml").write_text(
            CASE.replace("cn2022", "cn2003") + '[method]\ndividends = "deduct"\n', encoding="utf-8"),
        ("dividends", "第34条")),
    "segments that overlap without the setting": (
        lambda p: (p / "CASE.toml").write_text(CASE.split("[dates]")[0] + (
            '[[segments]]\nimplementation = "2022-03-01"\nrevelation = "2022-11-15"\n'
            '[[segments]]\nimplementation = "2022-08-01"\nrevelation = "2023-07-20"\n'), encoding="utf-8"),
        ("overlap",)),
    "segments that overlap only through T1": (
        lambda p: (p / "CASE.toml").write_text(CASE.split("[dates]")[0] + (
            '[[segments]]\nimplementation = "2022-03-01"\nrevelation = "2022-11-15"\nrevelation_after_close = true\n'
            '[[segments]]\nimplementation = "2022-11-15"\nrevelation = "2023-07-20"\n'), encoding="utf-8"),
        ("overlap", "2022-11-16")),
    "market data that end before the rule is satisfied": (
        market_without(lambda row: row["date"] < "2023-08-29"), ("market.csv", "3 trading days are missing")),
    "market data that end before T1": (market_without(lambda row: row["date"] < "2023-07-01"), ("end before T1",)),
    "market data that begin after T1": (market_without(lambda row: row["date"] > "2023-07-25"), ("begin after T1",)),
    "tradable shares missing": (
        market_without(lambda _: True, float_shares=""), ("market.csv", "float_shares", "2023-07-20")),
    "a market day that occurs twice": (
        lambda p: write_csv(p / "market.csv", [*market_rows(), market_rows()[5]]), ("market.csv", "twice")),
    "a close that is no number": (
        lambda p: write_csv(p / "market.csv", [market_rows()[0] | {"close": "12,3a"}]),
        ("market.csv", "close", "12,3a")),
    "market data of another security": (market_without(lambda _: True, security="600001"), ("600000", "600001")),
    "an index day is missing": (
        indices_without("2022-05-10"), ("000300", "no close on 1 trading day", "2022-05-10")),
    "an index is missing": (
        case_plus(INDEXED.replace("000300", "399001")), ("399001", "index")),
    "trades: no file": (lambda p: (p / "trades.csv").unlink(), ("trades.csv",)),
    "trades: empty": (trades(""), ("trades.csv",)),
    "trades: a header and nothing below": (trades(HEADER), ("trades.csv", "no trade record")),
    "trades: a column is missing": (trades("investor,date,side,quantity\nA,2022-03-02,buy,1\n"), ('"price"',)),
    "trades: a misspelt column": (
        trades("investor,date,side,quantity,prise\nA,2022-03-02,buy,1,1\n"), ('"prise" for "price"',)),
    "trades: a column twice": (
        trades("investor,date,side,quantity,price,price\nA,2022-03-02,buy,1,1,1\n"), ("price", "twice")),
    "trades: binary rubbish": (trades(bytes(range(256)) * 40), ("trades.csv",)),
    "trades: a damaged workbook": (trades(b"PK\x03\x04" + b"\x00" * 400), ("trades.csv",)),
    "trades: a damaged Parquet file": (trades(b"PAR1" + b"\x01" * 400 + b"PAR1"), ("trades.csv",)),
    "trades: mixed encodings": (
        trades((HEADER + "甲,2022-03-02,buy,100,1\n").encode() + "乙,2022-03-02,buy,100,1\n".encode("gb18030")),
        ("trades.csv",)),
    "trades: a zip bomb": (bomb, ("trades.csv",)),
    "trades: a line of 5 GB": (endless_line, ("trades.csv, row 2", "longer than 1 MiB")),
}  # fmt: skip


def files(place: Path) -> set[str]:
    return {str(path.relative_to(place)) for path in place.rglob("*")}


def refused(place: Path, *arguments: str) -> str:
    """The one sentence of a run that must fail and leave nothing."""
    before = files(place)
    done = run("loss", "measure", "CASE.toml", "--trades", "trades.csv", *arguments, cwd=place)
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("fengqiao") and lines[0].endswith(".")
    assert "Traceback" not in done.stderr and len(lines[0]) < 900
    assert files(place) == before
    return lines[0]


@pytest.mark.parametrize("name", BAD)
def test_bad_input(name: str, place: Path) -> None:
    change, fragments = BAD[name]
    change(place)
    said = refused(place, "--market", "market.csv", "--indices", "indices.csv", "--out", "results")
    for fragment in fragments:
        assert fragment in said


def test_no_market_data_at_all(place: Path) -> None:
    assert "--market" in refused(place, "--out", "results")


def test_no_index_data_at_all(place: Path) -> None:
    case_plus(INDEXED)(place)
    assert "--indices" in refused(place, "--market", "market.csv", "--out", "results")


def test_out_is_a_file(place: Path) -> None:
    (place / "results").write_text("mine")
    said = refused(place, "--market", "market.csv", "--out", "results")
    assert "results is a file" in said
    assert (place / "results").read_text() == "mine"


@pytest.mark.parametrize("out", ["/proc/fengqiao/results", "CASE.toml/results"])
def test_out_cannot_be_written(out: str, place: Path) -> None:
    refused(place, "--market", "market.csv", "--out", out)


@pytest.mark.parametrize("name", ["market data that end before the rule is satisfied", "a row group is cut off"])
def test_a_bad_run_leaves_no_new_folder_on_the_way_to_out(name: str, place: Path) -> None:
    if name in BAD:
        BAD[name][0](place)
    else:  # found only when the second row group is read
        path = place / "trades.csv"
        frame(trade_rows(400)).write_parquet(path, row_group_size=1000, compression="uncompressed")
        data = bytearray(path.read_bytes())
        middle = data.index(b"A000300")
        data[middle - 400 : middle + 400] = b"\xff" * 800
        path.write_bytes(data)
    refused(place, "--market", "market.csv", "--out", "a/b/results")


@pytest.mark.parametrize(
    ("arguments", "fragment"),
    [
        (["--formats", "parquet,docx", "--out", "results"], "docx"),
        (["--jobs", "0", "--out", "results"], "--jobs"),
        (["--jobs", "x", "--out", "results"], "--jobs"),
        ([], "--out"),
    ],
)
def test_arguments(arguments: list[str], fragment: str, place: Path) -> None:
    assert fragment in refused(place, "--market", "market.csv", *arguments)


def test_the_same_file_twice(place: Path) -> None:
    assert "twice" in refused(place, "./trades.csv", "--market", "market.csv", "--out", "results")


def test_other_commands_refuse_in_the_same_way(place: Path) -> None:
    dates = ("loss", "dates", "--rules", "cn2022", "--market", "market.csv", "--revealed")
    for arguments in (
        (*dates, "2023-13-01"), (*dates, "2023-11-21"), (*dates, "2023-07-20", "--suspended", "resume"),
        ("loss", "explain", "CASE.toml", "--trades", "trades.csv", "--market", "market.csv", "--investor", "nobody"),
        ("loss", "mesure",), ("los",), (),
    ):  # fmt: skip
        done = run(*arguments, cwd=place)
        assert done.returncode == 2
        assert done.stdout == ""
        assert len(done.stderr.splitlines()) == 1 and "Traceback" not in done.stderr


def test_rows_that_cannot_be_used_do_not_stop_the_run(place: Path) -> None:
    bad = ["NaN", "-5", "1.5", "1e400", "", "inf", "12,3a"]
    rows = [{**ROWS[0], "investor": "B", "quantity": text} for text in bad]
    write_csv(place / "trades.csv", [*ROWS, *rows])
    done = run("loss", "measure", "CASE.toml", "--trades", "trades.csv", "--market", "market.csv", "--out", "results",
               "--formats", "parquet,csv", cwd=place)  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    findings = (place / "results" / "findings.csv").read_text(encoding="utf-8")
    assert findings.count("未参与计算") == len(bad)
    line = next(line for line in (place / "results" / "results.csv").read_text(encoding="utf-8-sig").splitlines()
                if line.startswith("B,"))  # fmt: skip
    assert "数量无效" in line and "缺少必填项" in line and ",0.00," in line
