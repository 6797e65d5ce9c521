"""Everything a statement says, once, for the printed and the terminal form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fengqiao.engine.findings import CODES
from fengqiao.engine.loss.outputs.key_dates_table import DateRow, date_rows
from fengqiao.engine.loss.outputs.settings_table import law_rows, rules_of, setting_rows
from fengqiao.engine.loss.outputs.statement_lines import Line, lines
from fengqiao.engine.loss.outputs.statement_steps import StepRow, step_rows
from fengqiao.engine.loss.outputs.words import DIRECTION_WORDS, NOT_SET, SETTING_VALUES, named_digests
from fengqiao.engine.loss.run_result import Statement
from fengqiao.engine.money import yuan_grouped

if TYPE_CHECKING:
    from fengqiao.engine.loss.wrongs.run_result import WrongStatement


@dataclass(frozen=True)
class Part:
    """One segment: its key dates, the steps, the lines of the formula."""

    name: str
    dates: list[DateRow]
    steps: list[StepRow]
    lines: list[Line]
    total: str


@dataclass(frozen=True)
class Story:
    """A statement in words. findings: (place, problem, explanation); remarks: sentences below the tables; unit: what
    quantities count."""

    title: str
    head: list[tuple[str, str]]
    parts: list[Part]
    several: bool
    total: str
    findings: list[tuple[str, str, str]]
    settings: list[tuple[str, str, str]]
    law: list[tuple[str, str, str, str]]
    digests: list[tuple[str, str]]
    remarks: list[str]
    version: str
    average: str
    unit: str = "股"


def step_headings(unit: str) -> tuple[str, ...]:
    """Headings of the rows of a record, for quantities of a unit.

    >>> step_headings("股")[3], step_headings("手")[6]
    ('数量（股）', '范围内余量')
    """
    rest = "范围内余股" if unit == "股" else "范围内余量"
    return ("行", "日期", "业务", f"数量（{unit}）", "价格（元）", "本案中的处理", rest, "平均价（元）")


def story(statement: Statement | WrongStatement) -> Story:
    """Put a statement into words."""
    if not isinstance(statement, Statement):
        from fengqiao.engine.loss.outputs.wrong_story import wrong_story

        return wrong_story(statement)
    plan, case = statement.plan, statement.plan.case
    parts = [
        Part(
            part.plan.segment.name, date_rows(plan, part.plan), step_rows(part), lines(plan, part),
            yuan_grouped(part.outcome.total_fen),
        )
        for part in statement.segments
    ]  # fmt: skip
    total = yuan_grouped(sum(part.outcome.total_fen for part in statement.segments))
    return Story(
        title=case.name,
        head=[
            ("投资者", statement.investor),
            ("证券代码", case.security),
            ("适用规则", rules_of(plan).title),
            ("虚假陈述类型", DIRECTION_WORDS[case.direction]),
        ],
        parts=parts,
        several=len(parts) > 1,
        total=total,
        findings=[
            (_place(item.file, item.sheet, item.row), CODES.get(item.code, item.code), item.reason)
            for item in statement.findings
        ],
        settings=[
            (row.name, row.value, row.source) for row in setting_rows(plan, statement.settings) if row.value != NOT_SET
        ],
        law=[
            (row.title, row.value, row.source, "" if row.verified else f"待核：{row.missing}") for row in law_rows(plan)
        ],
        digests=named_digests(statement.digests),
        remarks=_remarks(statement),
        version=statement.engine_version,
        average=SETTING_VALUES["method.averaging"][case.method.averaging],
    )


def _place(file: str, sheet: str, row: int) -> str:
    parts = [file, sheet, f"第{row}行" if row else ""]
    return " ".join(part for part in parts if part)


def _remarks(statement: Statement) -> list[str]:
    plan = statement.plan
    out = ["平均价等按四位小数显示，计算用的是精确分数；每个金额只在分位舍入一次。"]
    if any(not part.plan.adjustment.neutral for part in statement.segments):
        out.append("股数和价格均换算到基准日的口径（除权）。")
    if any("bonus_mismatch" in part.outcome.marks for part in statement.segments):
        out.append("记录中的送转股与权益分派不完全相符，已按持股比例换算。")
    return [*out, *plan.notes]
