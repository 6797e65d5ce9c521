"""Bad input of cases of the other wrongs: one sentence with the place and what to do; bad rows never stop a run."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from fengqiao.engine.errors import FengqiaoError
from fengqiao.engine.loss.case_file import load_case
from fengqiao.engine.loss.explain import explain_files
from fengqiao.engine.loss.inputs import InputFiles
from fengqiao.engine.loss.measure import measure_files
from fengqiao.engine.loss.outputs import write_statement
from fengqiao.engine.loss.wrongs.tests.wrong_cases import merged, worked, write_inputs

FIRST: dict[str, dict[str, Any]] = {}
for _case in worked():
    FIRST.setdefault(_case["file"], _case)

REFUSED = [
    ("bonds.toml", '[case]\nwrong = "bond_misrepresentatoin"', "did you mean \"bond_misrepresentation\""),
    ("bonds.toml", '[bond]\nacelerated = 2021-01-01', 'did you mean "accelerated"'),
    ("bonds.toml", "[bonds]\nx = 1", 'Unknown section of a case of bond_misrepresentation "bonds"'),
    ("bonds.toml", '[fees]\ninterest = "none"', "Unknown section"),
    ("bonds.toml", '[bond]\nface = "99"', "do not add up to the face value"),
    ("bonds.toml", "[bond]\nrevelation = 2018-01-01", "not in this order"),
    ("bonds.toml", '[bond]\nprice = "clean"', "needs coupons and coupon_from"),
    ("bonds.toml", '[bond]\noverdue_rate = "5%"', "need rate_reason"),
    ("bonds.toml", '[bond]\nrevelation = ""', "[bond] lacks revelation"),
    ("bonds.toml", '[case]\nwrong = "bond_default"', "a default has no implementation"),
    ("bonds.toml", '[interest]\nrate = "fixed"', "needs fixed"),
    ("bonds.toml", '[interest]\nrate = "loan_or_lpr"\nuntil = 2026-06-01', "is not known on 2026-05-31"),
    ("trading_wrongs.toml", '[conduct]\nharmed = "buyer"', 'did you mean "buyers"'),
    ("trading_wrongs.toml", "[conduct]\neffect_end = 2023-03-09", "no price on 1 trading days"),
    ("trading_wrongs.toml", "[conduct]\nend = 2023-02-01", "not in this order"),
    ("trading_wrongs.toml", "[conduct]\ndays = [2023-03-02]", "belong together"),
    ("trading_wrongs.toml", '[conduct]\ncontemporaneous = "days"\ndays = [2023-04-02]', "outside the conduct"),
    ("trading_wrongs.toml", '[conduct]\npath = ""', "needs a price path"),
    ("trading_wrongs.toml", '[deduction]\nother_ratio = "0.1"', "needs other_reason"),
    ("futures.toml", '[futures]\nshare = "90%"\nshare_reason = "x"', "lies above the cap of 80%"),
    ("futures.toml", '[futures]\nshare = "50%"', "needs share_reason"),
    ("futures.toml", '[futures]\nliable = "exchange"', "is not known of the exchange"),
    ("futures.toml", '[futures]\nmisconduct = "risk_disclosure"', "share is needed"),
    ("suitability.toml", '[sale]\nown_share = "20%"', "own_reason is missing"),
    ("suitability.toml", "[sale]\nend = 2017-01-01", "start is after end"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "own", "said"), REFUSED, ids=[said for _, _, said in REFUSED])
def test_a_case_that_cannot_be_used_is_refused_in_a_sentence(file: str, own: str, said: str, tmp_path: Path) -> None:
    case = FIRST[file]
    files = write_inputs({**case, "toml": merged(case["toml"], own)}, tmp_path)
    with pytest.raises(FengqiaoError) as caught:
        measure_files(files, tmp_path / "out", formats=("parquet",))
    assert said in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_commands_for_misrepresentation_refuse_other_wrongs(tmp_path: Path) -> None:
    files = write_inputs(FIRST["futures.toml"], tmp_path)
    with pytest.raises(FengqiaoError, match="works on cases of misrepresentation"):
        load_case(files.case)


def test_files_without_a_meaning_are_refused(tmp_path: Path) -> None:
    files = write_inputs(FIRST["bonds.toml"], tmp_path)
    with pytest.raises(FengqiaoError, match="--actions has no meaning"):
        measure_files(InputFiles(files.case, files.trades, actions=files.case), tmp_path / "out")


def test_an_unknown_investor_is_said_to_be_unknown(tmp_path: Path) -> None:
    with pytest.raises(FengqiaoError, match='Investor "X" is not in'):
        explain_files(write_inputs(FIRST["bonds.toml"], tmp_path), "X")


def test_rows_without_a_contract_are_refused_where_there_are_several(tmp_path: Path) -> None:
    case = FIRST["futures.toml"]
    own = '[futures]\ncontracts = [{ code = "RB2305", multiplier = "10" }, { code = "CU2305", multiplier = "5" }]'
    files = write_inputs({**case, "toml": merged(case["toml"], own)}, tmp_path)
    with pytest.raises(FengqiaoError, match=r"trades\.csv, row 2: A row does not say which contract"):
        measure_files(files, tmp_path / "out", formats=("parquet",))


@pytest.mark.parametrize("file", sorted(FIRST))
def test_bad_rows_are_told_and_all_files_are_written_the_same_again(file: str, tmp_path: Path) -> None:
    files = write_inputs(FIRST[file], tmp_path)
    good = list(csv.DictReader(files.trades[0].open(encoding="utf-8")))
    broken = [{**good[0], "price": "12,3a"}, {**good[0], "investor": "I0002", "date": "2023-13-01"}]
    repeated = [{**good[0], "investor": "I0003"}] * 2
    with files.trades[0].open("a", encoding="utf-8", newline="") as out:
        csv.DictWriter(out, list(good[0]), lineterminator="\n").writerows([*broken, *repeated])
    for folder in ("one", "two"):
        done = measure_files(files, tmp_path / folder)
    written = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert written == sorted(
        ["results.parquet", "results.csv", "results.xlsx", "report.pdf", "findings.csv", "run.json"]
    )
    assert all((tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes() for name in written)
    rows = {row["investor"]: row for row in pq.read_table(tmp_path / "one" / "results.parquet").to_pylist()}
    assert sorted(rows) == ["I0001", "I0002", "I0003"]
    assert "价格无效" in rows["I0001"]["findings"]
    assert "日期无效" in rows["I0002"]["findings"]
    assert rows["I0002"]["total"] == 0
    assert "重复记录" in rows["I0003"]["findings"]
    codes = done.result.totals.findings_by_code
    assert {"bad_price", "bad_date", "duplicate"} <= set(codes)
    assert done.result.totals.rows_left_out == 2
    statement = explain_files(files, "I0001")
    write_statement(statement, tmp_path / "statement.pdf")
    assert (tmp_path / "statement.pdf").read_bytes().startswith(b"%PDF")
    assert any("12,3a" in item.reason for item in statement.findings)


def test_the_documents_name_every_key_and_column() -> None:
    from fengqiao.engine.loss.wrongs.claim import DETAILS, SECTIONS
    from fengqiao.engine.loss.wrongs.interest import INTEREST_KEYS
    from fengqiao.engine.loss.wrongs.kinds import WRONGS

    methods = Path(__file__).parents[5] / "docs" / "methods"
    if not methods.exists():
        pytest.skip("the documents are not beside the package")
    pages = {"bond": "bonds", "conduct": "trading_wrongs", "futures": "futures", "sale": "suitability"}
    shared = (methods / "other_wrongs.md").read_text(encoding="utf-8")
    assert all(f"`{wrong}`" in shared for wrong in WRONGS)
    assert all(key in shared for key in INTEREST_KEYS)
    for wrong, section in SECTIONS.items():
        page = (methods / f"{pages[section.name]}.md").read_text(encoding="utf-8")
        missing = [key for key in (*section.keys, *DETAILS[wrong]) if f"`{key}`" not in page]
        assert not missing, f"{pages[section.name]}.md does not name {', '.join(missing)}"


@pytest.mark.parametrize("file", sorted(FIRST))
def test_records_of_which_nothing_can_be_used_still_give_results(file: str, tmp_path: Path) -> None:
    files = write_inputs(FIRST[file], tmp_path)
    files.trades[0].write_text("investor,date,side,quantity,price\nI0009,never,buy,1,1\n", encoding="utf-8")
    done = measure_files(files, tmp_path / "out", formats=("parquet",))
    assert done.result.totals.sums["total"] == 0
    assert pq.read_table(tmp_path / "out" / "results.parquet")["investor"].to_pylist() == ["I0009"]


def test_rows_of_other_securities_are_told_once_a_file(tmp_path: Path) -> None:
    files = write_inputs(FIRST["bonds.toml"], tmp_path)
    files.trades[0].write_text(
        "investor,security,date,side,quantity,price\nI0001,112000,2020-01-02,buy,1,1\n"
        + "I0001,112001,2020-01-02,buy,1,1\n" * 3, encoding="utf-8",
    )  # fmt: skip
    done = measure_files(files, tmp_path / "out", formats=("parquet",))
    told = [item.reason for item in done.result.findings]
    assert told == ["证券代码 112001 不是本案证券 112000，共 3 行未参与计算（首行见本行号）。"]
