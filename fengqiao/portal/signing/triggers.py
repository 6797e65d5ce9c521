"""Evidence of signing is never changed or removed; the database itself refuses."""

from __future__ import annotations

from fengqiao.portal.audit.append_only import AppendOnly

EVIDENCE = AppendOnly("signing_evidence", "evidence of signing is never changed or removed", "signing_refuse")
