"""The moment of service: worked by hand from the articles."""

from __future__ import annotations

import datetime as dt

import pytest

from fengqiao.engine.deadlines import due, known_calendars
from fengqiao.engine.deadlines.service import (
    WAYS,
    Address,
    Happened,
    Trace,
    Way,
    electronic,
    otherwise,
    sources_on,
    ways,
)  # fmt: skip
from fengqiao.engine.errors import InputError

CHINA = dt.timezone(dt.timedelta(hours=8))


def at(hour: int, minute: int = 0, day: int = 2) -> dt.datetime:
    """A moment in March 2026, in Beijing."""
    return dt.datetime(2026, 3, day, hour, minute, tzinfo=CHINA)


def test_arrival_in_the_account_counts_from_the_same_moment() -> None:
    found = electronic([Trace(Address.ACCOUNT, Happened.ARRIVED, at(23, 59))])
    assert found and (found.at, found.on) == (at(23, 59), dt.date(2026, 3, 2))
    assert any("第90条" in source for source in found.sources())
    assert any("待核" in source for source in found.sources())  # the online rules were not read for this sentence


def test_a_second_after_midnight_is_the_next_day_wherever_the_clock_stands() -> None:
    moment = dt.datetime(2026, 3, 2, 16, 0, 1, tzinfo=dt.UTC)
    found = electronic([Trace(Address.ACCOUNT, Happened.ARRIVED, moment)])
    assert found and found.on == dt.date(2026, 3, 3)


def test_a_short_message_counts_when_it_is_reported_not_when_the_gateway_takes_it() -> None:
    sent, arrived = (
        Trace(Address.MOBILE, what, at(hour)) for what, hour in ((Happened.SENT, 9), (Happened.ARRIVED, 11))
    )
    assert electronic([sent]) is None
    found = electronic([sent, arrived])
    assert found and found.at == at(11)
    taken = electronic([sent, arrived], success={Address.MOBILE: Happened.SENT})
    assert taken and taken.at == at(9)


def test_a_mail_counts_when_the_server_took_it() -> None:
    found = electronic([Trace(Address.MAIL, Happened.SENT, at(9))])
    assert found and found.at == at(9) and "电子邮箱" in found.why


def test_the_first_of_several_counts_and_addresses_nobody_confirmed_do_not() -> None:
    traces = [
        Trace(Address.MAIL, Happened.SENT, at(8), confirmed=False),
        Trace(Address.MOBILE, Happened.ARRIVED, at(10)),
        Trace(Address.ACCOUNT, Happened.ARRIVED, at(9)),
    ]
    found = electronic(traces)
    assert found and found.at == at(9) and "平台账号" in found.why
    assert electronic(traces[:1]) is None


def test_reading_shows_arrival_at_the_latest() -> None:
    found = electronic([Trace(Address.MOBILE, Happened.SENT, at(9)), Trace(Address.MOBILE, Happened.READ, at(10))])
    assert found and found.at == at(10) and "打开文书" in found.why


def test_what_the_recipient_proves_goes_before_what_is_shown() -> None:
    traces = [Trace(Address.ACCOUNT, Happened.ARRIVED, at(9))]
    found = electronic(traces, proved_at=at(9, day=4))
    assert found and found.on == dt.date(2026, 3, 4)
    assert any("第135条" in source for source in found.sources())
    assert electronic([], proved_at=at(9)) is None  # nothing was served whose day could be proved


def test_an_appeal_period_runs_from_the_day_after_service() -> None:
    served = electronic([Trace(Address.ACCOUNT, Happened.ARRIVED, at(16))])
    assert served
    found = due("procedure.appeal_judgment_days", served.on, as_of=served.on, calendars=known_calendars())
    assert found.day == dt.date(2026, 3, 17)  # 3月3日第1日，3月17日第15日，星期二


def test_a_public_notice_takes_thirty_days_and_rolls() -> None:
    day, calendars = dt.date(2026, 9, 1), known_calendars()
    found = otherwise(Way.PUBLIC, day, calendars=calendars, as_of=day)
    assert found.on == dt.date(2026, 10, 8)  # 9月2日第1日，10月1日第30日；国庆节，顺延至10月8日
    assert "第95条" in found.sources()[0]
    plain = otherwise(Way.PUBLIC, dt.date(2026, 3, 2), calendars=calendars, as_of=dt.date(2026, 3, 2))
    assert plain.on == dt.date(2026, 4, 1)  # 3月3日第1日，4月1日第30日，星期三


def test_other_ways_count_by_their_receipt_and_never_in_the_future() -> None:
    day, calendars = dt.date(2026, 3, 2), known_calendars()
    assert otherwise(Way.HAND, day, calendars=calendars, as_of=day).on == day
    with pytest.raises(InputError, match="future"):
        otherwise(Way.POST, day, calendars=calendars, as_of=day - dt.timedelta(days=1))


def test_what_may_be_tried_instead() -> None:
    assert ways()[0] == Way.HAND and ways()[-1] == Way.PUBLIC
    assert Way.LEFT not in ways(mediation_statement=True) and Way.PUBLIC not in ways(summary=True)
    assert set(WAYS) == set(Way)


def test_sources_carry_their_doubts() -> None:
    day = dt.date(2026, 3, 2)
    assert sources_on(["service.paper_copy"], day) == ["《民事诉讼法》第90条第1款"]
    assert "待核" in sources_on(["service.earliest_of_several"], day)[0]
