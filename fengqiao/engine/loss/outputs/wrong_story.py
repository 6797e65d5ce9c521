"""The statement of one investor for the wrongs other than misrepresentation, in the words that both its forms share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fengqiao.engine import law
from fengqiao.engine.findings import CODES
from fengqiao.engine.loss.market import day_of
from fengqiao.engine.loss.outputs.figures import day_text, price_text, quantity_text
from fengqiao.engine.loss.outputs.settings_table import LawRow, law_value_rows
from fengqiao.engine.loss.outputs.statement_lines import Line
from fengqiao.engine.loss.outputs.statement_steps import StepRow
from fengqiao.engine.loss.outputs.statement_story import Part, Story
from fengqiao.engine.loss.outputs.words import KIND_WORDS, named_digests
from fengqiao.engine.loss.outputs.wrong_words import NOT_SET, wrong_setting
from fengqiao.engine.loss.rows import KINDS
from fengqiao.engine.loss.wrongs.kinds import WRONGS
from fengqiao.engine.money import PRICE_UNITS_PER_YUAN, yuan_grouped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fengqiao.engine.loss.wrongs.claim import Claim
    from fengqiao.engine.loss.wrongs.run_result import WrongStatement
    from fengqiao.engine.loss.wrongs.shape import Row

LONGEST_VALUE = 12
UNITS = {"bond_misrepresentation": "张", "bond_default": "张", "futures_misconduct": "手", "unsuitable_sale": "份"}
HELD_BACK = ("case.name", "case.security", "case.wrong")
EXACT = "平均价等按四位小数显示，计算用的是精确分数；每个金额只在分位舍入一次。"


def setting_rows(settings: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Names and values of the settings of a run in words, and the key of the case file that sets them."""
    rows = [(key.partition("."), wrong_setting(key, text)) for key, text in settings.items() if key not in HELD_BACK]
    return [(name, value, f"[{section}] {key}") for (section, _, key), (name, value) in rows]


def law_rows(claim: Claim) -> list[LawRow]:
    """The law values that the figures rest on; of rates those in force on days that interest can run."""
    first, until = claim.interest_days
    return [
        row
        for name in claim.law
        for row, value in zip(law_value_rows(name), law.history(name), strict=True)
        if not name.startswith("interest.")
        or (value.in_force_from <= until and (value.in_force_to is None or value.in_force_to >= first))
    ]


def _short(row: LawRow) -> tuple[str, str, str, str]:
    """A law value for the narrow table of a statement: a rule in words goes under its name."""
    missing = "" if row.verified else f"待核：{row.missing}"
    if len(row.value) <= LONGEST_VALUE:
        return row.title, row.value, row.source, missing
    return f"{row.title}：{row.value}", "条文", row.source, missing


def wrong_story(statement: WrongStatement) -> Story:
    """Put a statement into words."""
    claim, case = statement.plan, statement.plan.case
    total = yuan_grouped(statement.award.total_fen)
    part = Part(
        "", [], [_step(row, statement) for row in statement.trace.rows],
        [Line(line.name, line.formula, line.value, line.basis, line.strong) for line in statement.trace.lines], total,
    )  # fmt: skip
    sources = {name: law.history(name)[-1].source for name in claim.law if not name.startswith("interest.")}
    return Story(
        title=case.name,
        head=[
            ("投资者", statement.investor),
            ("证券代码", case.security),
            ("侵权类型", WRONGS[case.wrong]),
            ("依据", "；".join(dict.fromkeys(sources.values()))),
        ],
        parts=[part],
        several=False,
        total=total,
        findings=[
            (_place(item.file, item.sheet, item.row), CODES.get(item.code, item.code), item.reason)
            for item in statement.findings
        ],
        settings=[row for row in setting_rows(statement.settings) if row[1] != NOT_SET],
        law=[_short(row) for row in law_rows(claim)],
        digests=named_digests(statement.digests),
        remarks=[EXACT, *statement.award.said, *claim.notes],
        version=statement.engine_version,
        average="加权平均",
        unit=UNITS.get(case.wrong, "股"),
    )


def _place(file: str, sheet: str, row: int) -> str:
    return " ".join(part for part in (file, sheet, f"第{row}行" if row else "") if part)


def _step(row: Row, statement: WrongStatement) -> StepRow:
    from fractions import Fraction

    trade = row.trade
    return StepRow(
        row=str(statement.rows[trade.source[1]][2]),
        date=day_text(day_of(trade.date)),
        business=KIND_WORDS[KINDS[trade.kind]][trade.side],
        quantity=quantity_text(trade.quantity),
        price=price_text(Fraction(trade.price, PRICE_UNITS_PER_YUAN)),
        effect=row.effect,
        scope_after=quantity_text(row.scope_after),
        average=price_text(row.average),
    )
