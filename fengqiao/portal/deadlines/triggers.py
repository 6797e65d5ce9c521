"""What happened to a deadline is never changed or removed; the database itself refuses."""

from __future__ import annotations

from fengqiao.portal.audit.append_only import AppendOnly

HISTORY = AppendOnly("deadlines_event", "the history of a deadline is never changed or removed", "deadlines_refuse")
