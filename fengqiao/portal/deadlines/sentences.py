"""Why the engine does not count a period so, in the words of the portal; the engine speaks to a command line."""

from __future__ import annotations

import logging
import re

from fengqiao.engine.errors import FengqiaoError, OutOfKnownDatesError

log = logging.getLogger(__name__)
HEAD = "没有保存："
RULES: tuple[tuple[str, str], ...] = (
    (r"A suspension \(中止\) ends before it begins", "中止的结束日早于开始日。请更正日期。"),
    (r"A period cannot restart before it is interrupted", "有关程序终结的日期早于中断的日期。请更正日期。"),
    (
        r"An interruption \(中断\) that is pending has no day of restart",
        "程序还没有终结的，不能同时填程序终结的日期。请只填其中一项。",
    ),
    (
        r"An extension \(延长\) has either a length or a last day",
        "延长的长度和延长到的日期要填一项，并且只填一项。请更正。",
    ),
    (r"A period of days is not extended \(延长\) by hours", "按日计算的期间不能延长若干小时。请填日、工作日或者月。"),
    (r"A length that is given needs its source", "给出的长度没有写依据。请写明由谁、在哪一条规则或者文书中确定。"),
    (
        r".+（(?P<title>.+)） is a day of the calendar; nothing suspends or extends it",
        "“{title}”是固定的日子，没有暂停、中断和延长。请在到期前办理。",
    ),
    (r".+ is not a day of the month|.+ is not a period \(期间\)", "法律数据中这个期间的长度有误。请告诉平台管理员。"),
    (r".+ is not a period in hours", "按小时计算的期间要给出小时数。请更正长度的单位。"),
    (
        r"A period \(期间\) is a whole number of at least 1|A period \(期间\) has no such unit|This is not a period",
        "长度看不懂。请填大于零的整数和单位，例如15日、10个工作日。",
    ),
    (
        r"The period ends in a year that no calendar has",
        "算出来的日期超出了日历的范围。请核对起算日和长度。",
    ),
    (
        r".+ has no (?:last|first) day without a calendar",
        "这个单位的期间没有日历不能计算。请告诉平台管理员。",
    ),
    (
        r".+（(?P<title>.+)） cannot be extended \(延长\) by",
        "依规则，“{title}”不能由所选的人延长。请核对由谁同意或者批准。",
    ),
    (r".+（(?P<title>.+)） is extended \(延长\) too often", "“{title}”允许延长的次数已经用完。请在到期前办理。"),
    (
        r".+（(?P<title>.+)） cannot yet be extended \(延长\) by",
        "依规则，“{title}”要先有前一次延长，才能这样延长。请先登记前一次延长。",
    ),
    (
        r".+（(?P<title>.+)） was over before it was extended",
        "同意或者批准延长的日期晚于最后一日，“{title}”当时已经届满。请核对日期。",
    ),
    (
        r".+（(?P<title>.+)） was extended \(延长\) before it began",
        "同意或者批准延长的日期早于“{title}”的起算日。请核对日期。",
    ),
    (r".+ is not longer by its extension", "延长到的日期不晚于现在的最后一日，没有延长。请填更晚的日期。"),
    (
        r".+（(?P<title>.+)） is extended \(延长\) too far",
        "延长超过了“{title}”依规则允许的限度。请缩短后重新填写。",
    ),
    (r".+ has its length from the law; none can be given", "这个期间的长度由法律规定，不能另行给出。请不要填长度。"),
    (r".+（(?P<title>.+)） has no length of its own", "“{title}”没有法定的长度。请填写长度，并写明由谁确定。"),
    (r"Deadlines are counted from days, not moments", "期间从某一日起算，不是从某一时刻。请只填日期。"),
    (r".+（(?P<title>.+)） cannot be suspended \(中止\)", "“{title}”依法不能中止。请在到期前办理。"),
    (r".+（(?P<title>.+)） cannot be interrupted \(中断\)", "“{title}”依法没有中断。请在到期前办理。"),
    (r".+（(?P<title>.+)） is not ended by an event", "“{title}”不以另一事件为终点。请不要填终点事件。"),
    (r".+（(?P<title>.+)） has no longest period", "“{title}”没有最长期间。请不要填权利受到损害的日期。"),
    (r".+ is counted backwards; nothing extends it", "向前计算的期间没有延长。请核对所选的规则。"),
    (
        r".+（(?P<title>.+)） lies between two events; nothing extends it",
        "“{title}”在两个事件之间，没有延长。请核对所选的规则。",
    ),
    (r".+ ends before it begins", "终点事件不晚于起算日。请更正日期。"),
)
UNKNOWN_LAW = "所选的日期没有已收入的法律文本或者日历，不能计算。请核对日期；日期无误的，请另行计算后直接登记到期日。"
OTHERWISE = "依照规则，这个期限不能这样计算。请核对日期、长度和依据后重新填写。"


def sentence_of(what: str) -> str | None:
    """The sentence for what the engine says happened; None when it has none here."""
    for pattern, sentence in RULES:
        if found := re.match(pattern, what):
            return sentence.format(**{name: value or "" for name, value in found.groupdict().items()})
    return None


def in_words(error: FengqiaoError) -> str:
    """Wholly in Chinese: what happened, why, what to do. The engine's own words go to the log."""
    log.info("a period was not counted", extra={"said": str(error)})
    known = sentence_of(error.what)
    if known is None:
        known = UNKNOWN_LAW if isinstance(error, OutOfKnownDatesError) else OTHERWISE
    return f"{HEAD}{known}"
