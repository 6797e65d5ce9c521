"""Small real files with bytes changed at random: read as far as they can be, or refused in one sentence."""

from __future__ import annotations

import random
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from fengqiao.engine.errors import FengqiaoError
from fengqiao.engine.loss.reading import open_trades, read_actions, read_indices, read_market
from fengqiao.engine.loss.reading.tests.writing import (
    check_shape,
    clean_table,
    csv_bytes,
    good_row,
    sheet_of,
    write_parquet,
    write_xlsx,
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import Callable

SPECIAL = (b"\n", b"\r", b'"', b",", b"\0", b"\xff", b"9" * 30, b"<", b">", b"&", b'r="XFD1048576"', b"\xef\xbb\xbf")
ROWS = [good_row(investor=f"A{number}", price=f"{number}.5", side="买入") for number in range(1, 9)]
Mutation = tuple[str, int]


def mutated(data: bytes, rng: random.Random) -> bytes:
    """The same with one to four small changes, half of the time without moving any byte."""
    piece = bytearray(data)
    changes = rng.choice([range(6), range(1)])
    for _ in range(rng.randint(1, 4)):
        if not piece:
            break
        at, length = rng.randrange(len(piece)), rng.randint(1, 12)
        change = rng.choice(changes)
        if change == 0:
            piece[at] = rng.randrange(256)
        elif change == 1:
            del piece[at : at + length]
        elif change == 2:
            piece[at:at] = rng.randbytes(length)
        elif change == 3:
            piece[at:at] = piece[at : at + length * 5]
        elif change == 4:
            piece[at:at] = rng.choice(SPECIAL)
        elif rng.randrange(4) == 0:
            del piece[at:]
        else:
            piece[at] ^= 1 << rng.randrange(8)
    return bytes(piece)


def csv_file(path: Path, rng: random.Random) -> None:
    encoding = rng.choice(["utf-8", "utf-8-sig", "gb18030"])
    path.write_bytes(mutated(csv_bytes(ROWS, encoding=encoding, delimiter=rng.choice(",;\t")), rng))


def parquet_file(path: Path, rng: random.Random) -> None:
    if rng.randrange(2):
        write_parquet(path, ROWS, group=3)
    else:
        table = clean_table(30, 1)
        pq.write_table(table, path, row_group_size=10, compression=rng.choice(["none", "snappy", "zstd"]))
    path.write_bytes(mutated(path.read_bytes(), rng))


def xlsx_file(path: Path, rng: random.Random) -> None:
    """Changes in the archive itself, or in one member so that the archive stays sound."""
    write_xlsx(path, {"S": sheet_of(ROWS)})
    if rng.randrange(3) == 0:
        path.write_bytes(mutated(path.read_bytes(), rng))
        return
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    spoilt = rng.choice(["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml", "xl/styles.xml",
                         "xl/_rels/workbook.xml.rels"])  # fmt: skip
    members[spoilt] = mutated(members[spoilt], rng)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)


WRITERS: dict[str, Callable[[Path, random.Random], None]] = {
    "csv": csv_file, "parquet": parquet_file, "xlsx": xlsx_file,
}  # fmt: skip


def read_or_refuse(path: Path) -> bool:
    """Whether the file could be read; a refusal must be one line that names the file."""
    try:
        source = open_trades([path], "600074")
        for part in range(source.parts):
            loaded = source.load(part)
            check_shape(loaded)
            assert all(finding.reason for finding in loaded.findings)
    except FengqiaoError as error:
        sentence = str(error)
        assert sentence.startswith(path.name), sentence
        assert "\n" not in sentence
        return False
    return True


def run(kind: str, folder: Path, seeds: range) -> int:
    """How many of the mutated files could be read."""
    path = folder / f"t.{kind}"
    read = 0
    for seed in seeds:
        WRITERS[kind](path, random.Random(f"{kind}{seed}"))
        try:
            read += read_or_refuse(path)
        except BaseException as error:
            error.add_note(f"{kind}, seed {seed}")
            raise
    return read


@pytest.mark.parametrize(("kind", "count"), [("csv", 300), ("parquet", 300), ("xlsx", 150)])
def test_mutated_files(tmp_path: Path, kind: str, count: int) -> None:
    read = run(kind, tmp_path, range(count))
    assert 0 < read < count  # some damage can be lived with, some not


@pytest.mark.long
@pytest.mark.parametrize("kind", ["csv", "parquet", "xlsx"])
def test_ten_thousand_mutated_files(tmp_path: Path, kind: str) -> None:
    read = run(kind, tmp_path, range(1000, 11_000))
    assert 0 < read < 10_000


def test_mutated_market_files(tmp_path: Path) -> None:
    rng = random.Random(11)
    market = "date,close,volume,float_shares\n" + "".join(f"2016-12-{day},10.5,1000,5000\n" for day in range(10, 20))
    indices = "date,index,close\n" + "".join(f"2016-12-{day},000001,3000\n" for day in range(10, 20))
    actions = "ex_date,bonus_ratio,cash_per_share\n2016-12-10,0.5,0.1\n2017-12-10,0.5,0.1\n"
    path = tmp_path / "m.csv"
    read = 0
    for content, reader in (
        (market, lambda: read_market(path, None)), (indices, lambda: read_indices(path, ["000001"])),
        (actions, lambda: read_actions(path, None)),
    ):  # fmt: skip
        for _ in range(150):
            path.write_bytes(mutated(content.encode(), rng))
            try:
                reader()
                read += 1
            except FengqiaoError as error:
                assert str(error).startswith("m.csv")
    assert 0 < read < 450
