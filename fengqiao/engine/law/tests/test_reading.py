"""Data files that are wrong are refused with the file and the key, not read as something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from fengqiao.engine.errors import InputError
from fengqiao.engine.law.lookup import DATA, INSTRUMENTS_FILE
from fengqiao.engine.law.read import read_instruments, read_parameters
from fengqiao.engine.law.rule_sets import read_rule_set

GOOD = """
[limit]
ref = "X1"
title = "某期限"
kind = "period"
unit = "CD"
roll = "R"
start_event = "送达"

[[limit.values]]
value = 10
from = 2022-01-22
to = 2022-12-31
source = "《…》第1条"
instrument = "M22"
status = "verified"

[[limit.values]]
value = 15
from = 2023-01-01
source = "《…》第2条"
instrument = "M22"
status = "待核"
missing = "文本未读"
"""

RATE = """
[rate]
ref = "X1"
title = "某比例"
kind = "rate"
unit = "ratio"

[[rate.values]]
value = "0.03%"
from = 2022-01-22
source = "《…》第1条"
instrument = "M22"
status = "verified"
"""

RULES = """
title = "某规定"
instrument = "M22"

[switches.parts]
value = "combined"
options = ["combined", "separate"]
source = "第1条"
mark = "law"
note = "说明。"

[basis]
fees = "第25条"
"""


def read(tmp_path: Path, text: str) -> dict[str, object]:
    file = tmp_path / "topic.toml"
    file.write_text(text, encoding="utf-8")
    return dict(read_parameters(file, read_instruments(DATA / INSTRUMENTS_FILE)))


def test_the_good_files_are_read(tmp_path: Path) -> None:
    limit = read(tmp_path, GOOD)["topic.limit"]
    assert [(v.value, v.unit, v.missing) for v in limit.values] == [(10, "CD", ""), (15, "CD", "文本未读")]
    assert str(read(tmp_path, RATE)["topic.rate"].values[0]) == "0.03%"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('start_event = "送达"', 'start_evnt = "送达"', 'did you mean "start_event"'),
        ('start_event = "送达"', "", '"start_event" is missing'),
        ('start_event = "送达"', 'start_event = ""', '"start_event" is empty'),
        ('title = "某期限"', "", '"title" is missing'),
        ('ref = "X1"', "", '"ref" is missing'),
        ('kind = "period"', 'kind = "periods"', 'did you mean "period"'),
        ('unit = "CD"', 'unit = "yuan"', 'a period cannot run in "yuan"'),
        ('unit = "CD"', 'unit = "WD"', 'roll = "W" belongs'),
        ('roll = "R"', 'roll = "W"', 'roll = "W" belongs'),
        ('source = "《…》第1条"', "", '"source" is missing'),
        ('source = "《…》第1条"', 'source = " "', '"source" is empty'),
        ('source = "《…》第1条"', 'sorce = "《…》第1条"', 'did you mean "source"'),
        ('instrument = "M22"', 'instrument = "M2"', "Unknown instrument in limit, value 1"),
        ('missing = "文本未读"', "", "must say in"),
        ('status = "verified"', 'status = "verified"\nmissing = "文本未读"', "must say in"),
        ('status = "verified"', 'status = "checked"', "Unknown"),
        ("from = 2023-01-01", "from = 2023-01-02", "no value is in force between 2022-12-31 and 2023-01-02"),
        ("from = 2023-01-01", "from = 2022-12-31", "two values are in force on 2022-12-31"),
        ("to = 2022-12-31", "", "two values are in force on 2023-01-01"),
        ("to = 2022-12-31", "to = 2022-01-21", "before it begins"),
        ("from = 2022-01-22", "from = 2022-01-21", "outside the days of M22"),
        ("from = 2022-01-22", 'from = "2022-01-22"', "is not a date"),
        ("from = 2022-01-22", "from = 2022-01-22T09:00:00", "is not a date"),
        ("from = 2022-01-22", "", '"from" is missing'),
        ("value = 10", "", '"value" is missing'),
        ("value = 10", "value = -1", "is negative"),
        ("value = 10", "value = 10.5", "does not suit the kind"),
        ("value = 10", "value = true", "does not suit the kind"),
        ("value = 10", 'value = "10"', "does not suit the kind"),
        ('title = "某期限"', 'title = "某期限"\nabsent = "须导入"', 'exactly one of "values" and "absent"'),
        ("[limit]", 'limits = "x"\n[limit]', "a table was expected"),
        ("[limit]", "[limit", "cannot be read"),
    ],
)
def test_a_wrong_parameter_file_is_refused(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in GOOD
    with pytest.raises(InputError) as caught:
        read(tmp_path, GOOD.replace(old, new, 1))
    assert says in str(caught.value)
    assert str(caught.value).startswith("topic.toml")


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("0.0003", "must be a decimal string"),
        ('"three"', "is not a decimal number"),
        ('"-0.1%"', "is negative"),
        ("true", "must be a decimal string"),
        ('["0.1%"]', "does not suit the kind"),
    ],
)
def test_a_rate_must_be_an_exact_text(tmp_path: Path, value: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, RATE.replace('"0.03%"', value))
    assert says in str(caught.value)
    assert str(caught.value).startswith("topic.toml")


def test_lists_must_hold_texts(tmp_path: Path) -> None:
    text = RATE.replace('kind = "rate"\nunit = "ratio"', 'kind = "definition"')
    assert read(tmp_path, text.replace('"0.03%"', '["甲", "乙"]'))["topic.rate"].values[0].value == ("甲", "乙")
    for wrong in ("[1, 2]", '[""]'):
        with pytest.raises(InputError, match="must be a list of texts"):
            read(tmp_path, text.replace('"0.03%"', wrong))
    with pytest.raises(InputError, match="the value is empty"):
        read(tmp_path, text.replace('"0.03%"', "[]"))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('value = "combined"', 'value = "combine"', 'did you mean "combined"'),
        ('value = "combined"', "", 'exactly one of "value" and "absent = true"'),
        ('value = "combined"', 'value = "combined"\nabsent = true', 'exactly one of "value" and "absent = true"'),
        ('value = "combined"', "value = 0.5", "must be a text, a whole number"),
        ('mark = "law"', 'mark = "laws"', 'did you mean "law"'),
        ('note = "说明。"', "", '"note" is missing'),
        ('source = "第1条"', "", '"source" is missing'),
        ('source = "第1条"', 'from = "第1条"', "Unknown key"),
        ('fees = "第25条"', "fees = 25", "is not text"),
        ("[basis]", "[bases]", 'did you mean "basis"'),
        ('instrument = "M22"', 'instrument = "M23"', "Unknown instrument"),
    ],
)
def test_a_wrong_rule_set_is_refused(tmp_path: Path, old: str, new: str, says: str) -> None:
    file = tmp_path / "cn2099.toml"
    assert old in RULES
    file.write_text(RULES, encoding="utf-8")
    assert read_rule_set(file).switch("parts").allows("separate")
    file.write_text(RULES.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_rule_set(file)
    assert says in str(caught.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_instruments(tmp_path / "absent.toml")
