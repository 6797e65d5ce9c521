"""Deadlines: start event, counting, statutory holidays, suspension, interruption, extension; every step in Chinese.

Every legal period is a rule (`rules()`); its length, source and dates in force stand in `engine/law`. Ask `due`.
"""

from fengqiao.engine.deadlines.calendars import Calendars, known_calendars
from fengqiao.engine.deadlines.facts import Extension, GivenLength, Interruption, Suspension
from fengqiao.engine.deadlines.hours import hours_end
from fengqiao.engine.deadlines.periods import Period, read_period
from fengqiao.engine.deadlines.reckoning import due
from fengqiao.engine.deadlines.remaining import Remaining, remaining
from fengqiao.engine.deadlines.result import Basis, Due, Step
from fengqiao.engine.deadlines.rules import ExtensionRule, Provision, Rule, provisions, rule, rules
from fengqiao.engine.deadlines.settings import Settings
from fengqiao.engine.deadlines.timeliness import close_of_business, in_time, misrepresentation_start, served_on

__all__ = [
    "Basis",
    "Calendars",
    "Due",
    "Extension",
    "ExtensionRule",
    "GivenLength",
    "Interruption",
    "Period",
    "Provision",
    "Remaining",
    "Rule",
    "Settings",
    "Step",
    "Suspension",
    "close_of_business",
    "due",
    "hours_end",
    "in_time",
    "known_calendars",
    "misrepresentation_start",
    "provisions",
    "read_period",
    "remaining",
    "rule",
    "rules",
    "served_on",
]
