"""Loss measurement. As a library: `from fengqiao.engine.loss import load_case, prepare` (docs/library.md).

Nothing is imported before it is asked for, so that the command starts at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fengqiao.engine.loss.library import (
        FINDINGS_SCHEMA,
        RESULT_SCHEMA,
        RESULT_SCHEMA_VERSION,
        Measurement,
        PreparedCase,
        load_case,
        prepare,
        statement_text,
        write_statement,
    )

__all__ = [
    "FINDINGS_SCHEMA", "RESULT_SCHEMA", "RESULT_SCHEMA_VERSION", "Measurement", "PreparedCase", "load_case", "prepare",
    "statement_text", "write_statement",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from fengqiao.engine.loss import library

    return getattr(library, name)
