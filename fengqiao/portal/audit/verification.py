"""Finding what was changed, removed, moved or added by hand. Reads every row once, in order, a batch at a time."""

from __future__ import annotations

import datetime as dt
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.db import connection

from fengqiao.engine.errors import FengqiaoError
from fengqiao.portal.audit import digests, rows, triggers
from fengqiao.portal.audit.models import ALL
from fengqiao.portal.audit.rows import START, Link
from fengqiao.portal.keystore import Use, key_store

FINDINGS_KEPT = 1000
MOVED_KEPT = 200


class Problem(StrEnum):
    """What can be wrong."""

    CONTENT = "content", "内容被改"
    REORDERED = "reordered", "次序被换"
    LINK = "link", "链被断开"
    MISSING = "missing", "缺少事件"
    CUT = "cut", "末尾被截"
    ADDED = "added", "多出事件"
    HEAD = "head", "链头不符"
    ANCHOR = "anchor", "与锚点不符"
    TRIGGER = "trigger", "触发器不在"

    label: str

    def __new__(cls, value: str, label: str) -> Problem:
        member = str.__new__(cls, value)
        member._value_, member.label = value, label
        return member


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it was written."""

    problem: Problem
    chain: int
    number: int
    sentence: str


@dataclass
class Report:
    """What was read and what was found."""

    events: int = 0
    chains: int = 0
    total: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """True when nothing was found."""
        return self.total == 0

    def add(self, problem: Problem, chain: int, number: int, sentence: str) -> None:
        """Note a finding; beyond the first thousand only their number."""
        self.total += 1
        if len(self.findings) < FINDINGS_KEPT:
            self.findings.append(Finding(problem, chain, number, sentence))


def chain_name(chain: int) -> str:
    """A chain, as people call it."""
    return "总链" if chain == ALL else f"机构 {chain} 的链" if chain else "无机构事件的链"


class Verification:
    """One walk over the events."""

    def __init__(self) -> None:
        self.report = Report()
        self.at: dict[int, Link] = {}
        """Where each chain stands, by the rows read so far."""
        self.whole = True
        """Whether chains are read from their beginning."""
        self.changed: list[tuple[Any, ...]] = []

    def everything(self, since: dt.datetime | None = None) -> Report:
        """All chains, from the beginning or from a time on."""
        heads = rows.heads()
        up_to = heads[ALL][0].number if ALL in heads else 1 << 62
        start = 1
        if since is not None:
            start = rows.first_since(since) or up_to + 1
            self.whole = start == 1
        self.at[ALL] = START if self.whole else self._before(ALL, start)
        for row in rows.rows_of_all(start - 1, up_to):
            self._content(row)
            self._step(ALL, row, row[rows.NUMBER])
            self._step(row[rows.CHAIN], row, row[rows.CHAIN_NUMBER])
        self._moved()
        for chain in sorted({*heads, *self.at}):
            self._head(chain, heads.get(chain))
        self._beyond(ALL)
        self._triggers()
        self.report.chains = len(self.at) - 1
        return self.report

    def organisation(self, chain: int) -> Report:
        """The chain of one organisation."""
        heads = rows.heads()
        self.at[chain] = START
        up_to = heads[chain][0].number if chain in heads else 1 << 62
        for row in rows.rows_of_chain(chain, 0, up_to):
            self._content(row)
            self._step(chain, row, row[rows.CHAIN_NUMBER])
        self._moved()
        self._head(chain, heads.get(chain))
        self._beyond(chain)
        self._triggers()
        self.report.chains = 1
        return self.report

    # -- one row

    def _content(self, row: tuple[Any, ...]) -> None:
        self.report.events += 1
        try:
            content = digests.content_of(list(row[: rows.WIDTH]))
            sound = row[rows.WIDTH] == digests.sha256(content) and row[rows.WIDTH + 1] == digests.sm3(content)
        except (TypeError, ValueError, AttributeError):  # not even of the right type any more
            sound = False
        if not sound:
            if len(self.changed) < MOVED_KEPT:
                self.changed.append(row)
            else:
                self._say_changed(row)

    def _say_changed(self, row: tuple[Any, ...]) -> None:
        number = row[rows.NUMBER]
        self.report.add(Problem.CONTENT, ALL, number, f"事件 {number} 的内容与其摘要不符，内容被改动过。")

    def _step(self, chain: int, row: tuple[Any, ...], number: int) -> None:
        known = self.at.get(chain)
        if known is None:
            known = self.at[chain] = START if self.whole else self._before(chain, number)
        if number > known.number + 1:
            gone = f"{known.number + 1}" if number == known.number + 2 else f"{known.number + 1} 至 {number - 1}"
            self.report.add(Problem.MISSING, chain, known.number + 1, f"{chain_name(chain)}缺少第 {gone} 号事件。")
        elif number <= known.number:
            self.report.add(
                Problem.REORDERED, chain, number,
                f"{chain_name(chain)}的第 {number} 号（事件 {row[rows.NUMBER]}）排在第 {known.number} 号之后。",
            )  # fmt: skip
        else:
            place = rows.WIDTH + (2 if chain == ALL else 4)
            if row[place] != known.sha256 or row[place + 1] != known.sm3:
                self.report.add(
                    Problem.LINK, chain, number,
                    f"{chain_name(chain)}的第 {number} 号（事件 {row[rows.NUMBER]}）"
                    f"接不上第 {number - 1} 号：其中之一被改写。",
                )  # fmt: skip
        self.at[chain] = rows.link_after(row, chain)

    def _before(self, chain: int, number: int) -> Link:
        row = rows.row_at(chain, number - 1) if number > 1 else None
        return rows.link_after(row, chain) if row else Link(number - 2, b"", b"") if number > 1 else START

    def _moved(self) -> None:
        """Of the rows whose content does not fit: does it fit the place of another of them?"""
        places = [place_of(row) for row in self.changed]
        for row in self.changed:
            own = place_of(row)
            possible = (each for place in places for each in (place, (place[0], *own[1:]), (own[0], *place[1:])))
            origin = next((place for place in possible if fits(row, place)), None)
            if origin is None:
                self._say_changed(row)
                continue
            number = row[rows.NUMBER]
            self.report.add(
                Problem.REORDERED, ALL, number, f"事件 {number} 的位置上是原来的事件 {origin[0]}：次序被调换。"
            )
        self.changed.clear()

    # -- heads

    def _head(self, chain: int, found: tuple[Link, str] | None) -> None:
        last, name = self.at.get(chain, START), chain_name(chain)
        if found is None:
            self.report.add(Problem.HEAD, chain, last.number, f"{name}有事件而没有链头，链头被删除。")
            return
        head, seal = found
        if head.number > 0 and (why := self._seal_problem(chain, head, seal)):
            self.report.add(Problem.HEAD, chain, head.number, f"{name}的链头{why}")
        if chain not in self.at and not self.whole:
            return  # nothing of it since then
        if head.number > last.number:
            gone = f"{last.number + 1} 至 {head.number}" if head.number > last.number + 1 else f"{head.number}"
            self.report.add(Problem.CUT, chain, last.number + 1, f"{name}末尾的第 {gone} 号事件被删去。")
        elif head != last:
            self.report.add(
                Problem.HEAD, chain, head.number,
                f"{name}的链头（第 {head.number} 号）与最后的事件（第 {last.number} 号）不符：其中之一被改动。",
            )  # fmt: skip

    def _seal_problem(self, chain: int, head: Link, seal: str) -> str:
        try:
            key = key_store().get(seal.partition(":")[0] or "（空）")
        except FengqiaoError as error:
            return f"无法核对封印：{error}"
        expected = digests.head_seal(key, chain, head.number, head.sha256, head.sm3) if key.use is Use.AUDIT else ""
        return "" if hmac.compare_digest(expected.encode(), seal.encode()) else "封印不符，不是本系统写入的。"

    def _beyond(self, chain: int) -> None:
        """Events that no head knows. Read first, then the head: whoever writes honestly moves both at once."""
        with connection.cursor() as cursor:
            if chain == ALL:
                cursor.execute("SELECT MAX(number) FROM audit_event")
            else:
                cursor.execute("SELECT MAX(chain_number) FROM audit_event WHERE chain = %s", [chain])
            highest = cursor.fetchone()[0] or 0
        head = rows.heads().get(chain)
        if head and highest > head[0].number:
            first = head[0].number + 1
            more = f"第 {first} 号" if first == highest else f"第 {first} 至 {highest} 号"
            self.report.add(Problem.ADDED, chain, highest, f"{chain_name(chain)}末尾多出{more}事件。")

    def _triggers(self) -> None:
        if gone := triggers.missing(connection):
            self.report.add(Problem.TRIGGER, ALL, 0, f"数据库触发器不在或被停用：{'、'.join(gone)}。")


def place_of(row: tuple[Any, ...]) -> tuple[int, int, int]:
    """Where a row stands: its number, its chain, its number there."""
    return row[rows.NUMBER], row[rows.CHAIN], row[rows.CHAIN_NUMBER]


def fits(row: tuple[Any, ...], place: tuple[int, int, int]) -> bool:
    """Whether a row's digest is that of its content at another place."""
    values = list(row[: rows.WIDTH])
    values[rows.NUMBER], values[rows.CHAIN], values[rows.CHAIN_NUMBER] = place
    try:
        return bool(row[rows.WIDTH] == digests.sha256(digests.content_of(values)))
    except (TypeError, ValueError, AttributeError):
        return False


def verify(
    *, organisation: int | None = None, since: dt.datetime | None = None, anchors: tuple[Mapping[str, Any], ...] = ()
) -> Report:
    """Hold every event against its digests, its chains, their heads, and anchors kept elsewhere."""
    walk = Verification()
    report = walk.everything(since) if organisation is None else walk.organisation(organisation)
    for anchor in anchors:
        for kept in anchor["heads"]:
            if organisation in (None, kept["chain"]):
                hold_against(kept, report)
    return report


def hold_against(kept: Mapping[str, Any], report: Report) -> None:
    """Whether a chain still goes through a head that was kept elsewhere."""
    chain, number = kept["chain"], kept["number"]
    if number == 0:
        return
    row = rows.row_at(chain, number)
    if row is None:
        sentence = f"{chain_name(chain)}的第 {number} 号事件在锚点中，而数据库中没有：之后的事件曾被截去。"
        report.add(Problem.ANCHOR, chain, number, sentence)
        return
    link = rows.link_after(row, chain)
    if (link.sha256.hex(), link.sm3.hex()) != (kept["sha256"], kept["sm3"]):
        sentence = f"{chain_name(chain)}到第 {number} 号为止与锚点不符：这之前的事件被整体改写过。"
        report.add(Problem.ANCHOR, chain, number, sentence)
