"""A newly announced year comes in by a file, and a wrong file is told what is wrong."""

from datetime import date
from pathlib import Path

import pytest

from fengqiao.engine import dates
from fengqiao.engine.dates.known import DATA
from fengqiao.engine.errors import InputError

# An invented notice, for tests only
GOOD = """
year = 2027
notice = "示例〔2026〕1号"
status = "verified"
seen = "示例"
holidays = [
  { name = "元旦", from = 2026-12-31, to = 2027-01-02 },
  { name = "春节", from = 2027-02-06, to = 2027-02-12 },
]
makeup = [2026-12-26, 2027-02-20]
exchange_closures = [2027-02-05]
"""


@pytest.fixture
def write(tmp_path):
    def to_file(text, name="2027.toml"):
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        return file

    return to_file


def test_a_new_year_is_known_in_both_calendars(write):
    file = write(GOOD)
    trading, working = dates.trading_calendar(overrides=file), dates.working_calendar(overrides=file)
    assert trading.last_known == working.last_known == date(2027, 12, 31)
    assert trading.next_trading_day(date(2027, 2, 4)) == date(2027, 2, 15)
    assert working.next_working_day(date(2027, 2, 5)) == date(2027, 2, 15)
    assert working.is_makeup_day(date(2027, 2, 20))
    assert working.status(date(2027, 2, 8)).source == "示例〔2026〕1号"
    assert working.status(date(2027, 2, 8)).verified
    assert working.provisional(date(2027, 2, 8)).provisional is False


def test_a_new_year_settles_the_last_week_of_the_old_one(write):
    before, after = dates.working_calendar(), dates.working_calendar(overrides=write(GOOD))
    assert before.is_working_day(date(2026, 12, 31))
    assert not after.is_working_day(date(2026, 12, 31))
    assert after.is_working_day(date(2026, 12, 26))
    assert after.status(date(2026, 12, 31)).name == "元旦"
    assert before.status(date(2026, 12, 30)).note
    assert after.status(date(2026, 12, 30)).note == ""


def test_the_package_calendar_is_untouched_and_an_override_is_made_once(write):
    file = write(GOOD)
    assert dates.trading_calendar(overrides=file) is dates.trading_calendar(overrides=file)
    assert dates.trading_calendar().last_known == date(2026, 12, 31)


def test_an_edited_file_is_read_again(write):
    assert dates.working_calendar(overrides=write(GOOD)).is_makeup_day(date(2027, 2, 20))
    edited = write(GOOD.replace("2027-02-20", "2027-02-21"))
    assert not dates.working_calendar(overrides=edited).is_makeup_day(date(2027, 2, 20))


def test_trading_days_wait_for_the_exchanges_own_announcement(write):
    open_day = date(2027, 3, 1)
    waiting = dates.trading_calendar(overrides=write(GOOD)).status(open_day)
    assert not waiting.verified
    assert "休市公告" in waiting.note
    told = dates.trading_calendar(overrides=write(GOOD + 'exchange_notice = "示例休市公告"\n')).status(open_day)
    assert told.verified
    assert told.note == ""


def test_a_folder_holds_one_file_a_year(write, tmp_path):
    write(GOOD)
    write('year = 2028\nnotice = "示例〔2027〕1号"', "2028.toml")
    overrides = dates.read_overrides(tmp_path)
    assert [y.year for y in overrides.years] == [2027, 2028]
    assert dates.working_calendar(tmp_path).last_known == date(2028, 12, 31)


def test_a_year_known_already_may_be_given_again_if_it_says_the_same():
    assert dates.working_calendar(DATA / "2026.toml").last_known == date(2026, 12, 31)


def test_a_known_year_changes_only_by_name(write):
    text = (DATA / "2026.toml").read_text(encoding="utf-8").replace("2026-10-10]", "2026-10-11]")
    with pytest.raises(InputError, match="already known and different") as refused:
        dates.read_overrides(write(text))
    assert "2026-10-10, 2026-10-11" in str(refused.value)
    with pytest.raises(InputError, match="is another one"):
        dates.read_overrides(write(text + 'replaces = "国办发明电〔2000〕0号"'))
    calendar = dates.working_calendar(write(text + 'replaces = "国办发明电〔2025〕7号"'))
    assert calendar.is_working_day(date(2026, 10, 11))
    assert not calendar.is_working_day(date(2026, 10, 10))


WRONG = {
    "misspelt key": (GOOD + "makeups = []", 'Unknown key "makeups": did you mean "makeup"'),
    "misspelt holiday key": (GOOD.replace("to = 2027-01-02", "til = 2027-01-02"), 'Unknown key "til"'),
    "no notice": (GOOD.replace("示例〔2026〕1号", " "), "The notice is not named"),
    "no year": (GOOD.replace("year = 2027", ""), "The year is missing"),
    "year as text": (GOOD.replace("year = 2027", 'year = "2027"'), "The year is missing"),
    "another status": (GOOD.replace('"verified"', '"checked"'), 'Unknown status "checked"'),
    "day of another year": (GOOD.replace("2027-02-20", "2028-02-19"), "a day outside the year"),
    "too early in December": (GOOD.replace("2026-12-26", "2026-12-20"), "a day outside the year"),
    "make-up on a Friday": (GOOD.replace("2027-02-20", "2027-02-19"), "2027-02-19 is a Friday"),
    "make-up in a holiday": (GOOD.replace("2027-02-20", "2027-02-07"), "One day is named twice"),
    "make-up twice": (GOOD.replace("2027-02-20", "2027-02-20, 2027-02-20"), "One day is named twice"),
    "overlapping": (GOOD.replace("2027-01-02", "2027-02-06"), "2027-02-06 stands under 元旦 and under 春节"),
    "ends before it begins": (GOOD.replace("to = 2027-02-12", "to = 2027-02-01"), "ends before it begins"),
    "closure on a Saturday": (GOOD.replace("[2027-02-05]", "[2027-03-06]"), "closure on a weekend"),
    "closure in a holiday": (GOOD.replace("[2027-02-05]", "[2027-02-08]"), "One day is named twice"),
    "date in quotes": (GOOD.replace("2027-02-20", '"2027-02-20"'), "not a date"),
    "date with a time": (GOOD.replace("2027-02-20", "2027-02-20T00:00:00"), "not a date"),
    "makeup not a list": (GOOD.replace("[2026-12-26, 2027-02-20]", "2027-02-20"), "makeup is not a list"),
    "holiday not a table": (GOOD + "\n[[further_notices]]\nnotice='x'\nholidays=[2027-05-01]", "not a table"),
    "holiday without a name": (GOOD.replace('name = "元旦"', 'name = ""'), "has no name"),
    "notice as a number": (GOOD.replace('"示例〔2026〕1号"', "7"), "notice is not text"),
    "a gap": ('year = 2029\nnotice = "示例"', "leaves a gap"),
    "nothing to replace": (GOOD + 'replaces = "示例"', "nothing to replace"),
    "further notices as text": (GOOD + 'further_notices = "x"', "not a list of tables"),
    "not TOML": ("year: 2027", "not valid TOML"),
}


@pytest.mark.parametrize(("text", "sentence"), WRONG.values(), ids=WRONG)
def test_a_wrong_file_is_told_what_is_wrong(write, text, sentence):
    file = write(text)
    with pytest.raises(InputError) as refused:
        dates.read_overrides(file)
    assert sentence in str(refused.value)
    assert str(file) in str(refused.value)
    assert refused.value.todo or "Known:" in str(refused.value)


def test_two_files_of_one_year_and_two_years_that_contradict(write, tmp_path):
    write(GOOD)
    second = write('year = 2028\nnotice = "示例"\nmakeup = [2027-12-25]', "2028.toml")
    dates.read_overrides(tmp_path)
    write(GOOD.replace("2027-02-20]", "2027-02-20, 2027-12-25]"))
    with pytest.raises(InputError, match="Two years contradict"):
        dates.read_overrides(tmp_path)
    second.write_text(GOOD, encoding="utf-8")
    with pytest.raises(InputError, match="One year stands in two"):
        dates.read_overrides(tmp_path)


def test_a_missing_file_and_an_empty_folder(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        dates.trading_calendar(tmp_path / "none.toml")
    with pytest.raises(InputError, match=r"no \.toml file"):
        dates.trading_calendar(tmp_path)


def test_the_example_of_the_recipe_is_read_as_it_stands(write):
    recipe = Path(__file__).parents[4] / "docs" / "recipes" / "new_calendar_year.md"
    example = recipe.read_text(encoding="utf-8").split("```toml")[1].split("```")[0]
    overrides = dates.read_overrides(write(example))
    assert overrides.years[0].year == 2027
    assert overrides.years[0].announcements[0].makeup
