"""An invented case as files, made once a session, and people to work on it."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path

from fengqiao.engine.loss.simulate.madeup import write_demo_case
from fengqiao.portal.accounts.acting import Acting, acting_for
from fengqiao.portal.accounts.models import Organisation, Role, User
from fengqiao.portal.claims import actions
from fengqiao.portal.claims.case_views import kinds_of
from fengqiao.portal.claims.demo import simulated_trades
from fengqiao.portal.claims.models import CaseInput, MassCase
from fengqiao.portal.documents.actions import keep_incoming
from fengqiao.portal.documents.store import Incoming

NOW = dt.datetime(2026, 11, 20, 1, 0, tzinfo=dt.UTC)
NAMES = {"case": "case.toml", "trades": "trades.parquet", "market": "market.csv", "indices": "indices.csv",
         "actions": "actions.csv"}  # fmt: skip


def write_files(folder: Path, investors: int) -> Path:
    """The files of the case in a folder."""
    write_demo_case(folder)
    simulated_trades(folder, investors)
    return folder


def person(name: str, kind: str, organisation: Organisation | None) -> Acting:
    """Somebody in a role."""
    user = User.objects.create_user(f"test-{name}", name=name, joined_at=NOW)
    Role.objects.create(user=user, organisation=organisation, kind=kind, granted_at=NOW)
    return acting_for(user, address="192.0.2.1")


def incoming(data: bytes) -> Incoming:
    """Bytes as an upload."""
    file = Incoming()
    source = io.BytesIO(data)
    while block := source.read(1 << 20):
        file.write(block)
    return file


def add(case: MassCase, part: str, name: str, data: bytes, acting: Acting) -> CaseInput:
    """Upload a file for a part of a case, as the page does."""
    file = incoming(data)
    document = keep_incoming(
        incoming=file, digests=file.finish(), name=name, subject=("claims.masscase", str(case.pk)),
        kinds=kinds_of(part), acting=acting, case=case.number, now=NOW,
    )  # fmt: skip
    return actions.add_file(case=case, part=part, document=document, acting=acting, now=NOW)


def ready_case(folder: Path, acting: Acting, title: str = "枫桥样本案") -> MassCase:
    """A case with all its files."""
    case = actions.create_case(title=title, security="999001", note="", acting=acting, now=NOW)
    for part, name in NAMES.items():
        add(case, part, name, (folder / name).read_bytes(), acting)
    return case
