"""Traces of service are never changed or removed; the database itself refuses."""

from __future__ import annotations

from fengqiao.portal.audit.append_only import AppendOnly

TRACES = AppendOnly("service_trace", "traces of service are never changed or removed", "service_refuse")
