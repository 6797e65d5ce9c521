"""Law as dated data: every number, period, rate and rule with its source and the days it is in force.

Ask for a value on a day (`value_on`), never for "the" value. Nothing is read from disk until the first question.
"""

from fengqiao.engine.law.lookup import history, instrument, instruments, parameter, parameters, value_on
from fengqiao.engine.law.model import Dated, Instrument, Parameter, RuleSet, Switch
from fengqiao.engine.law.rule_sets import rule_set, rule_set_for, rule_sets

__all__ = [
    "Dated",
    "Instrument",
    "Parameter",
    "RuleSet",
    "Switch",
    "history",
    "instrument",
    "instruments",
    "parameter",
    "parameters",
    "rule_set",
    "rule_set_for",
    "rule_sets",
    "value_on",
]
