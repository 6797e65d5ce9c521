"""The records that are measured: invented investors on the invented market that the package ships."""

from __future__ import annotations

import datetime as dt
import sys
from dataclasses import dataclass
from pathlib import Path

TRADES_PER_INVESTOR = 40.0
SEED = 20_261_120
# 36 scenarios as parties dispute them: three revelation dates, four averages, none, one and three indices
GRID = """\
[vary.dates]
revelation = [2019-05-17, 2019-04-26, 2019-03-15]
[vary.method]
averaging = ["moving_weighted", "fifo_weighted", "weighted", "actual_cost"]
[[axis]]
name = "市场风险"
[[axis.alternative]]
name = "不扣除"
deduction.market_risk = "none"
[[axis.alternative]]
name = "一个指数"
deduction = { market_risk = "synchronised_index", indices = ["M00300"] }
[[axis.alternative]]
name = "三个指数"
deduction = { market_risk = "synchronised_index", indices = ["M00001", "M00300", "M00905"] }
"""
# 36 implementation dates, which share no walk, each with three indices
INDEXED = """\
[[axis]]
name = "市场风险"
[[axis.alternative]]
name = "三个指数"
deduction = { market_risk = "synchronised_index", indices = ["M00001", "M00300", "M00905"] }
"""
LIMIT = "1GiB"  # of the run that goes through the disk


@dataclass(frozen=True)
class Material:
    """Where everything lies. case has no deduction, index_case compares with three indices, fee_case takes the fees
    that with_fees records with the trades of by_investor."""

    directory: Path
    investors: int
    case: Path
    index_case: Path
    by_investor: Path
    by_date: Path
    fee_case: Path
    with_fees: Path

    @classmethod
    def at(cls, directory: Path, investors: int) -> Material:
        """The material in a directory, whether it is there yet or not."""
        return cls(
            directory, investors, directory / "plain.toml", directory / "case.toml",
            directory / f"by_investor_{investors}.parquet", directory / f"by_date_{investors}.parquet",
            directory / "fees.toml", directory / f"with_fees_{investors}.parquet",
        )  # fmt: skip

    @property
    def market(self) -> Path:
        return self.directory / "market.csv"

    @property
    def indices(self) -> Path:
        return self.directory / "indices.csv"

    @property
    def rows(self) -> int:
        import pyarrow.parquet as pq

        return int(pq.ParquetFile(self.by_investor).metadata.num_rows)

    def measure(self, case: Path, trades: Path, *, indices: bool = False, out: str = "out") -> list[str]:
        """The whole command, as a user gives it."""
        extra = ["--indices", str(self.indices)] if indices else []
        return [
            str(Path(sys.executable).with_name("fengqiao")), "loss", "measure", str(case), "--trades", str(trades),
            "--market", str(self.market), *extra, "--out", str(self.directory / out), "--formats", "parquet",
        ]  # fmt: skip

    @property
    def spec(self) -> Path:
        return self.directory / "grid.toml"

    @property
    def far_spec(self) -> Path:
        return self.directory / "grid_far.toml"

    def compare(self, spec: Path, out: str = "grid") -> list[str]:
        """The whole comparison, as a user gives it."""
        return [
            str(Path(sys.executable).with_name("fengqiao")), "loss", "compare", str(self.case), "--trades",
            str(self.by_investor), "--market", str(self.market), "--indices", str(self.indices), "--vary", str(spec),
            "--out", str(self.directory / out), "--formats", "parquet",
        ]  # fmt: skip

    def measure_within(self, memory: str) -> list[str]:
        """The same over the records by date within a limit on memory."""
        return [*self.measure(self.case, self.by_date, out="limited"), "--memory", memory]

    def arrow_bytes(self) -> int:
        """Size in Arrow of the columns of the file by investor, texts as plain strings."""
        import pyarrow.parquet as pq

        file = pq.ParquetFile(self.by_investor)
        return sum(file.read_row_group(group).nbytes for group in range(file.num_row_groups))


def make_material(directory: Path, investors: int) -> Material:
    """Write cases and records, unless they are there already."""
    from fengqiao.engine.loss.simulate.madeup import write_demo_case

    directory.mkdir(parents=True, exist_ok=True)
    material = Material.at(directory, investors)
    text = write_demo_case(directory).read_text(encoding="utf-8")
    head, _, rest = text.partition("[deduction]")
    material.case.write_text(head + "[fees]" + rest.partition("[fees]")[2], encoding="utf-8")
    material.fee_case.write_text(head + '[fees]\nmode = "recorded"\n', encoding="utf-8")
    material.spec.write_text(GRID, encoding="utf-8")
    days = ", ".join(str(dt.date(2017, 4, 28) + dt.timedelta(days=4 * n)) for n in range(36))
    material.far_spec.write_text(f"[vary.dates]\nimplementation = [{days}]\n" + INDEXED, encoding="utf-8")
    for order, path in (("investor", material.by_investor), ("date", material.by_date)):
        if not path.exists():
            _simulate(material, order, path)
    if not material.with_fees.exists():
        _add_fees(material.by_investor, material.with_fees)
    return material


def _add_fees(source: Path, target: Path) -> None:
    """The same records with the fees of each: 0.025% and at least 5 yuan, and 0.1% of sales."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    print(f"making {target.name} ...", flush=True)
    file, partial = pq.ParquetFile(source), target.with_suffix(".partial")
    names = ("commission", "stamp_duty")
    schema = pa.schema([*file.schema_arrow, *(pa.field(name, pa.float64(), nullable=False) for name in names)])
    with pq.ParquetWriter(partial, schema, compression="lz4") as writer:
        for group in range(file.num_row_groups):
            table = file.read_row_group(group)
            amount = pc.multiply(pc.cast(table["quantity"], pa.float64()), table["price"])
            commission = pc.round(pc.max_element_wise(pc.multiply(amount, 0.00025), 5.0), 2)
            duty = pc.if_else(pc.equal(table["side"], "sell"), pc.round(pc.multiply(amount, 0.001), 2), 0.0)
            columns = [*table.columns, commission, duty]
            writer.write_table(pa.table(columns, schema=schema), row_group_size=len(table))
    partial.replace(target)


def _simulate(material: Material, order: str, path: Path) -> None:
    from fengqiao.engine.loss.case_file import load_case
    from fengqiao.engine.loss.plan import prepare
    from fengqiao.engine.loss.reading import read_indices, read_market
    from fengqiao.engine.loss.simulate import SimulationSpec, simulate_to_file

    print(f"making {path.name} ...", flush=True)
    case = load_case(material.index_case)
    market = read_market(material.market, case.security)
    indices = read_indices(material.indices, case.deduction.indices)
    plan = prepare(case, market=market, indices=indices).segments[0]
    spec = SimulationSpec(
        security=case.security, market=market, window_from=plan.segment.implementation, window_to=plan.t1,
        benchmark=plan.benchmark, investors=material.investors, seed=SEED, trades_per_investor=TRADES_PER_INVESTOR,
        order=order,  # type: ignore[arg-type]
    )  # fmt: skip
    simulate_to_file(spec, path)


if __name__ == "__main__":
    make_material(Path(sys.argv[1]), int(sys.argv[2]))
