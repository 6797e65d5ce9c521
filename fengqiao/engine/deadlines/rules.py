"""The rules: one for every legal period, data in `data/rules_*.toml`; their lengths and sources are in `engine/law`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, cast, get_args

from fengqiao.engine import law
from fengqiao.engine.errors import InputError, Place, unknown_name
from fengqiao.engine.law.toml_table import Table, read_toml

DATA = Path(__file__).parent / "data"
Sense = Literal["limit", "soft", "minimum", "bar", "lookback", "before"]
Shape = Literal["length", "window", "month_day", "month_end", "first_week", "quarter_last_week", "year_end"]
Pause = Literal["open", "cause", "limitation", "fixed", "none"]
SENSES: dict[Sense, str] = {
    "limit": "最迟在该日完成",
    "soft": "建议在该日前完成，不是硬性期限",
    "minimum": "至少持续到该日",
    "bar": "该日以前（含该日）受限制，次日起解除",
    "lookback": "须在该日或者更早开始",
    "before": "最迟在该日完成",
}
BACKWARD: tuple[Sense, ...] = ("lookback", "before")
RULE_KEYS = (
    "id", "rows", "length", "title", "start", "basis", "sense", "shape", "pause", "pause_basis", "interruptible",
    "restorable", "internal", "extension", "longest", "note",
)  # fmt: skip
EXTENSION_KEYS = ("by", "name", "times", "max", "after_expiry", "after", "note")


@dataclass(frozen=True)
class ExtensionRule:
    """Who may extend a period and how far.

    by: the key used in `Extension.by`; name: in Chinese. times: how often, 0 for no limit in the text. max: the law
    parameter with the longest extension at a time, empty where the text sets none. after_expiry: whether it may be
    granted when the period is over. after: key of another extension that has to come first.
    """

    by: str
    name: str
    times: int = 0
    max: str = ""
    after_expiry: bool = False
    after: str = ""
    note: str = ""


@dataclass(frozen=True)
class Rule:
    """How one period is counted.

    id: as a rule that of the law parameter with its length. rows: its rows in the list of time limits. length: the law
    parameter. start: the event whose day is not counted. sense: what the day found means. pause: whether days may be
    left out: "open" (the text is silent, the user's reason is printed), "cause" (a named cause, `pause_basis`),
    "limitation" (民法典 art. 194), "fixed" (不变期间), "none" (a calendar day, nothing to leave out). internal: an
    organisation's own limit. longest: the rule that caps it. own_roll: the roll where there is no parameter.
    """

    id: str
    rows: tuple[str, ...]
    length: str
    title: str
    start: str
    basis: tuple[str, ...] = ()
    sense: Sense = "limit"
    shape: Shape = "length"
    pause: Pause = "open"
    pause_basis: tuple[str, ...] = ()
    interruptible: bool = False
    internal: bool = False
    extensions: tuple[ExtensionRule, ...] = ()
    longest: str = ""
    note: str = ""
    own_roll: law.model.Roll | None = None

    @property
    def roll(self) -> law.model.Roll:
        """R, W, S or none, as the law parameter says."""
        return self.own_roll or law.parameter(self.length).roll

    @property
    def parameters(self) -> tuple[str, ...]:
        """Every law parameter it rests on: its length, its basis, its suspensions, its extensions.

        >>> rule("mediation.before_filing_days").parameters
        ('mediation.before_filing_days', 'mediation.appraisal_not_counted')
        """
        named = (self.length, *self.basis, *self.pause_basis, *(item.max for item in self.extensions if item.max))
        return tuple(dict.fromkeys(name for name in named if name))


COURT = ExtensionRule(
    "court", "人民法院", after_expiry=True, note="因不可抗拒的事由或者其他正当理由耽误期限的顺延，由人民法院决定"
)
# Periods that a court, a mediation organisation or a contract sets; their length is given with its source.
DESIGNATED = (
    Rule(
        "designated.forward", (), "", "指定或者约定的期间", "指定的起算事件", own_roll="R", extensions=(COURT,),
        note="法院指定的期间适用民事诉讼法第85条；约定的期间适用民法典第200条至第204条，约定另有计算方法的从其约定",
    ),
    Rule(
        "designated.backward", (), "", "事件之前若干日的期间", "开庭等事件", sense="before", pause="none", own_roll="R",
        note="事件当日不计入，向前数到的那一日为最迟日",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Provision:
    """A row of the list of time limits that is no period: how counting carries it out, or why nothing is counted.

    kind: "counting" (carried out by the code named in `text`), "no_period" (nothing to count), "unread" (the text that
    may hold a period was not read).
    """

    row: str
    kind: Literal["counting", "no_period", "unread"]
    text: str


def rule(id: str) -> Rule:
    """One rule by its id, or by its row if the row has one rule only. An unknown id is an InputError naming near ones.

    >>> rule("confirmation.apply_days").title, rule("J1").id
    ('共同申请司法确认', 'confirmation.apply_days')
    """
    found = _by_id().get(id)
    if found is not None:
        return found
    in_row = [item for item in rules() if id in item.rows]
    if len(in_row) == 1:
        return in_row[0]
    if in_row:
        todo = "Ask for one of " + ", ".join(f"{item.id}（{item.title}）" for item in in_row)
        raise InputError(f"Row {id} has {len(in_row)} periods", todo=todo)
    provision = next((item for item in provisions() if item.row == id), None)
    if provision is not None:
        raise InputError(f"Row {id} has no period (期间) to count", why=provision.text)
    error = unknown_name("deadline rule (期间规则)", id, _by_id())
    raise InputError(error.what, why=error.why, todo="`fengqiao deadline --list` shows all rules")


@cache
def rules() -> tuple[Rule, ...]:
    """All rules, in the order of the list of time limits.

    >>> len(rules()) > 60, rules()[0].id
    (True, 'counting.extension_apply_days')
    """
    found = [
        _rule(Table.of(path.name, f"rule {number}", content))
        for path in sorted(DATA.glob("rules_*.toml"))
        for number, content in enumerate(read_toml(path).get("rule", []), 1)
    ]
    if len({item.id for item in found}) != len(found):
        raise InputError("Two deadline rules have one id", why=", ".join(sorted(item.id for item in found)))
    return (*found, *DESIGNATED)


@cache
def provisions() -> tuple[Provision, ...]:
    """All rows that are no periods.

    >>> next(item.text for item in provisions() if item.row == "J4")
    '管辖，没有期间'
    """
    path = DATA / "provisions.toml"
    found = []
    for number, content in enumerate(read_toml(path).get("provision", []), 1):
        table = Table.of(path.name, f"provision {number}", content)
        table.only(("row", "kind", "text"))
        kind = table.choice("kind", ("counting", "no_period", "unread"))
        found.append(Provision(table.text("row"), cast("Literal['counting']", kind), table.text("text")))
    return tuple(found)


@cache
def _by_id() -> dict[str, Rule]:
    return {item.id: item for item in rules()}


def _rule(table: Table) -> Rule:
    table.only(RULE_KEYS)
    length = table.text("length", table.text("id"))
    parameter = law.parameter(length)
    extensions = tuple(
        _extension(Table.of(table.file, f"{table.text('id')}, extension", content))
        for content in table.content.get("extension", [])
    )
    return Rule(
        id=table.text("id"),
        rows=table.texts("rows"),
        length=length,
        title=table.text("title", parameter.title),
        start=table.text("start", parameter.start_event),
        basis=table.texts("basis"),
        sense=cast("Sense", table.choice("sense", get_args(Sense), "limit")),
        shape=cast("Shape", table.choice("shape", get_args(Shape), "length")),
        pause=cast("Pause", table.choice("pause", get_args(Pause), "open")),
        pause_basis=table.texts("pause_basis"),
        interruptible=_yes(table, "interruptible"),
        internal=_yes(table, "internal"),
        extensions=extensions + ((COURT,) if _yes(table, "restorable") else ()),
        longest=table.text("longest", ""),
        note=table.text("note", ""),
    )


def _extension(table: Table) -> ExtensionRule:
    table.only(EXTENSION_KEYS)
    times = table.content.get("times", 0)
    if isinstance(times, bool) or not isinstance(times, int) or times < 0:
        raise InputError(f"{table.key}: times is not a whole number", place=Place(table.file))
    return ExtensionRule(
        by=table.text("by"),
        name=table.text("name"),
        times=times,
        max=table.text("max", ""),
        after_expiry=_yes(table, "after_expiry"),
        after=table.text("after", ""),
        note=table.text("note", ""),
    )


def _yes(table: Table, key: str) -> bool:
    value = table.content.get(key, False)
    if not isinstance(value, bool):
        raise InputError(f"{table.key}: {key} must be true or false", place=Place(table.file))
    return value
