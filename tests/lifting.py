"""Tables that only ever grow can be emptied between tests: the triggers that refuse it are lifted for a while."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any


@contextmanager
def all_lifted(connection: Any) -> Iterator[None]:
    """Without the triggers of all such tables."""
    from fengqiao.portal.audit import triggers
    from fengqiao.portal.deadlines.triggers import HISTORY
    from fengqiao.portal.service.triggers import TRACES
    from fengqiao.portal.signing.triggers import EVIDENCE

    with ExitStack() as stack:
        for one in (triggers, HISTORY, TRACES, EVIDENCE):
            stack.enter_context(one.lifted(connection))
        yield
