"""The rule sets on misrepresentation: their switches, their legal bases, and which of them governs a case."""

from __future__ import annotations

import datetime
import pickle
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengqiao.engine import law
from fengqiao.engine.errors import InputError, OutOfKnownDatesError

NEW, OLD = law.rule_set("cn2022"), law.rule_set("cn2003")

# switch -> (cn2003, cn2022), from the texts of 法释〔2003〕2号 and 法释〔2022〕2号
DEFAULTS = {
    "turnover_threshold": ("1", "1"),
    "min_trading_days": (None, 10),
    "max_trading_days": (None, 30),
    "not_reached": ("wait", "max_trading_day"),
    "not_reached_trading_days": (30, 30),
    "t1_is_day_one": (False, True),
    "turnover": ("daily_float", "daily_float"),
    "turnover_block_trades": ("exclude", "exclude"),
    "suspended": ("skip", "skip"),
    "delisted": ("day_before", None),
    "after_close": ("next_day", "next_day"),
    "benchmark_price_digits": (None, None),
    "direction": ("inducing_purchase", "inducing_purchase"),
    "window_start_included": (True, True),
    "window_end_included": (False, False),
    "period_start_included": (True, True),
    "period_end_included": (True, True),
    "consumption": ("fifo", "fifo"),
    "accounts": ("merged", "merged"),
    "products": ("separate", "separate"),
    "block_trades": ("exclude", "exclude"),
    "overlap": (None, None),
    "averaging": ("moving_weighted", "moving_weighted"),
    "floor": ("total", "total"),
    "ex_rights": ("adjust", "adjust"),
    "dividends": ("ignore", "ignore"),
    "rights": ("adjust", "adjust"),
    "set_off_gains": (False, None),
    "market_risk": ("none", "none"),
    "index_floor": ("after_mean", "after_mean"),
    "parts": ("combined", "combined"),
    "combination": ("multiply", "multiply"),
    "ratio_digits": (None, None),
    "fees": ("flat", "flat"),
    "commission_rate": ("0.03%", "0.03%"),
    "stamp_duty": ("dated_table", "dated_table"),
    "interest": ("demand_deposit", "none"),
    "rounding": ("half_up", "half_up"),
}


def test_both_rule_sets_have_the_same_switches_and_figures() -> None:
    assert set(OLD.switches) == set(NEW.switches) == set(DEFAULTS)
    assert set(NEW.basis) - set(OLD.basis) == {"benchmark_price_by_expert", "difference_loss_sale"}
    assert set(OLD.basis) <= set(NEW.basis)


@pytest.mark.parametrize("name", DEFAULTS)
def test_default(name: str) -> None:
    found = (OLD.switch(name).value, NEW.switch(name).value)
    assert found == DEFAULTS[name]
    assert [type(value) for value in found] == [type(value) for value in DEFAULTS[name]]


@pytest.mark.parametrize("rules", [OLD, NEW], ids=lambda r: r.id)
def test_every_switch_says_on_what_it_rests(rules: law.RuleSet) -> None:
    for switch in rules.entries:
        assert switch.source, switch.name
        assert switch.note.endswith("。"), switch.name
        assert switch.mark in ("law", "court", "ours"), switch.name
        if switch.mark == "law":
            assert "第" in switch.source or switch.value is None, switch.name


def test_what_only_one_text_allows() -> None:
    assert NEW.switch("direction").allows("inducing_sale")
    assert not OLD.switch("direction").allows("inducing_sale")
    assert OLD.switch("interest").allows("demand_deposit")
    assert not NEW.switch("interest").allows("demand_deposit")
    assert NEW.switch("dividends").options == ("ignore", "deduct", "adjust")
    assert OLD.switch("dividends").options == ("ignore",)
    assert OLD.switch("suspended").allows("resume")
    assert not NEW.switch("suspended").allows("resume")
    assert not NEW.switch("max_trading_days").allows(60)
    assert OLD.switch("not_reached").options == ("wait", "thirtieth_day")
    assert not NEW.switch("not_reached").allows("thirtieth_day")


@pytest.mark.parametrize(
    ("figure", "old", "new"),
    [
        ("implementation_date", "第20条", "第7条"),
        ("revelation_date", "第20条", "第8条"),
        ("correction_date", "第20条", "第9条"),
        ("benchmark_date", "第33条", "第26条"),
        ("difference_loss", "第31条、第32条", "第27条"),
        ("ex_rights", "第35条", "第29条"),
        ("fees", "第30条", "第25条"),
        ("other_causes", "第19条第4项", "第31条"),
        ("dividends", "第34条", "第29条"),
        ("intervals", "第18条、第31条", "第34条"),
        ("rule_choice", "第35条", "第35条"),
    ],
)
def test_legal_basis(figure: str, old: str, new: str) -> None:
    assert old in OLD.legal_basis(figure)
    assert new in NEW.legal_basis(figure)


def test_sale_side_has_no_article_in_2003() -> None:
    assert NEW.legal_basis("difference_loss_sale") == "法释〔2022〕2号第28条"
    with pytest.raises(InputError, match="difference_loss"):
        OLD.legal_basis("difference_loss_sale")


def test_the_rate_of_commission_is_one_number() -> None:
    day = datetime.date(2024, 1, 1)
    assert NEW.switch("commission_rate").ratio == Fraction(3, 10000)
    assert NEW.switch("commission_rate").ratio == law.value_on("fees.court_commission_rate", day).value
    assert OLD.switch("commission_rate").ratio == NEW.switch("commission_rate").ratio
    with pytest.raises(InputError, match="does not hold a decimal text"):
        _ = NEW.switch("max_trading_days").ratio


def test_rule_sets_in_force() -> None:
    assert (OLD.in_force_from, OLD.in_force_to) == (datetime.date(2003, 2, 1), datetime.date(2022, 1, 21))
    assert (NEW.in_force_from, NEW.in_force_to) == (datetime.date(2022, 1, 22), None)


@pytest.mark.parametrize(
    ("final", "expected", "why"),
    [
        (None, "cn2022", "尚未终审"),
        (datetime.date(2022, 1, 22), "cn2022", "尚未终审"),
        (datetime.date(2024, 6, 1), "cn2022", "2024-06-01终审"),
        (datetime.date(2022, 1, 21), "cn2003", "再审亦同"),
        (datetime.date(2003, 2, 1), "cn2003", "早于2022年1月22日"),
    ],
)
def test_which_text(final: datetime.date | None, expected: str, why: str) -> None:
    chosen = law.rule_set_for(final)
    assert chosen.id == expected
    assert why in chosen.reason
    assert "法释〔2022〕2号第35条" in chosen.reason
    assert law.rule_set(expected).reason == ""


def test_a_case_closed_before_any_text_is_refused() -> None:
    with pytest.raises(OutOfKnownDatesError, match="2003-02-01"):
        law.rule_set_for(datetime.date(2003, 1, 31))


@given(st.dates(datetime.date(2003, 2, 1), datetime.date(2060, 1, 1)))
def test_every_final_decision_has_exactly_one_text(final: datetime.date) -> None:
    in_force = [rules for rules in law.rule_sets() if rules.in_force_from <= final <= (rules.in_force_to or final)]
    assert [rules.id for rules in in_force] == [law.rule_set_for(final).id]


def test_unknown_names() -> None:
    with pytest.raises(InputError, match='did you mean "cn2022"'):
        law.rule_set("cn2020")
    with pytest.raises(InputError, match='did you mean "averaging"'):
        NEW.switch("averageing")


def test_rule_sets_travel_between_processes() -> None:
    assert pickle.loads(pickle.dumps(NEW)) == NEW
    assert hash(NEW) != hash(OLD)
