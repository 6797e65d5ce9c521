"""The statement of one investor as PDF."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fengqiao.engine.loss.outputs.shown import unprintable
from fengqiao.engine.loss.outputs.statement_story import Part, step_headings, story
from fengqiao.engine.loss.outputs.typeset import typeset

if TYPE_CHECKING:
    from pathlib import Path

    from fengqiao.engine.loss.run_result import Statement
    from fengqiao.engine.loss.wrongs.run_result import WrongStatement


def write_statement(statement: Statement | WrongStatement, path: Path) -> None:
    """Write the statement of one investor as PDF; the same statement gives the same bytes."""
    told = story(statement)
    data: dict[str, Any] = {
        "title": told.title,
        "head": told.head,
        "parts": [_part(part) for part in told.parts],
        "several": told.several,
        "total": told.total,
        "average": told.average,
        "headings": list(step_headings(told.unit)),
        "findings": told.findings,
        "settings": told.settings,
        "law": told.law,
        "digests": told.digests,
        "remarks": told.remarks,
        "version": told.version,
    }
    data["unprintable"] = unprintable(data)
    path.write_bytes(typeset("statement.typ", data))


def _part(part: Part) -> dict[str, Any]:
    return {
        "name": part.name,
        "dates": [[row.name, row.value, row.basis, row.note] for row in part.dates],
        "steps": [
            {
                "divider": row.divider,
                "effect": row.effect,
                "adjusted": row.adjusted,
                "cells": [row.row, row.date, row.business, row.quantity, row.price],
                "after": [row.scope_after, row.average],
            }
            for row in part.steps
        ],
        "lines": [
            {
                "name": line.name,
                "formula": line.formula,
                "value": line.value,
                "basis": line.basis,
                "strong": line.strong,
            }
            for line in part.lines
        ],
        "total": part.total,
    }
