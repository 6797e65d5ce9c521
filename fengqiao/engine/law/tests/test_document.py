"""The table of what is 待核 in the documentation is the one the data give."""

from __future__ import annotations

from pathlib import Path

import pytest

from fengqiao.engine import law

DOCUMENT = Path(__file__).parents[4] / "docs" / "methods" / "law.md"
BEGIN, END = "<!-- 待核 begin -->\n", "<!-- 待核 end -->"


def table() -> str:
    """One line for each parameter and each thing that is missing, with the days it concerns."""
    rows: dict[tuple[str, str, str], list[str]] = {}
    for parameter in law.parameters():
        for dated in parameter.values:
            if not dated.verified:
                days = f"{dated.in_force_from} – {dated.in_force_to or ''}".rstrip()
                rows.setdefault((parameter.ref, parameter.id, dated.missing), []).append(days)
    lines = ["| row | parameter | days in force | what is missing |", "|---|---|---|---|"]
    for (ref, id, missing), days in sorted(rows.items(), key=lambda row: row[0][1]):
        span = days[0] if len(days) == 1 else f"{days[0].split(' ')[0]} – {days[-1].split('–')[1].strip()}".rstrip()
        lines.append(f"| {ref} | `{id}` | {span} | {missing} |")
    return "\n".join(lines) + "\n"


def test_the_table_in_the_documentation_is_true() -> None:
    if not DOCUMENT.exists():
        pytest.skip("the documentation is not installed beside the package")
    text = DOCUMENT.read_text(encoding="utf-8")
    written = text.partition(BEGIN)[2].partition(END)[0]
    assert written == table(), f"Replace the table in {DOCUMENT.name} with:\n{table()}"


def test_the_table_lists_every_doubtful_parameter() -> None:
    doubtful = {p.id for p in law.parameters() if not all(v.verified for v in p.values)}
    assert len(doubtful) > 40
    assert all(f"| `{id}` |" in table() for id in doubtful)
