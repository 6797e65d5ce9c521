"""Against the texts of the laws, where they are at hand: every cited article exists, and it states the number we hold.

The texts are not part of the project; without them these tests skip and say so.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

from fengqiao.engine import law

TEXTS = Path(__file__).parents[4].parent / "shared" / "data" / "laws"
FILES = {
    "《民事诉讼法》司法解释": "civil_procedure_interpretation_2022",
    "《民事诉讼法》": "civil_procedure_law_2023",
    "《人民法院在线调解规则》": "online_mediation_rules_2021",
    "《人民调解法》": "peoples_mediation_law_2010",
    "《最高人民法院关于人民调解协议司法确认程序的若干规定》": "judicial_confirmation_rules_2011",
    "《证券法》": "securities_law_2019",
    "《期货和衍生品法》": "futures_and_derivatives_law_2022",
    "《证券期货行政执法当事人承诺制度实施办法》": "administrative_commitment_measures_2021",
    "《最高人民法院关于审理期货纠纷案件若干问题的规定》": "futures_disputes_rules_2020",
    "《印花税法》": "stamp_tax_law_2021",
    "《个人信息保护法》": "personal_information_protection_law_2021",
    "法释〔2022〕2号": "misrepresentation_rules_2022",
    "法释〔2003〕2号": "misrepresentation_rules_2003",
    "《最高人民法院关于证券纠纷代表人诉讼若干问题的规定》": "representative_action_rules_2020_truncated",
}
DIGITS = "零一二三四五六七八九"

needs_texts = pytest.mark.skipif(not TEXTS.is_dir(), reason="the texts of the laws are not beside this repository")


def chinese(number: int) -> str:
    """A number below 1000 as articles are numbered: 5 五, 10 十, 34 三十四, 105 一百零五, 110 一百一十."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        text += "十" if tens == 1 and not hundreds else f"{DIGITS[tens]}十"
    elif hundreds and ones:
        text += "零"
    return text + (DIGITS[ones] if ones else "")


@cache
def articles(file: str) -> dict[str, str]:
    text = (TEXTS / f"{file}.md").read_text(encoding="utf-8")
    parts = re.split(r"^第([一二三四五六七八九十百零]+)条\s", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def cited(source: str) -> list[tuple[str, str]]:
    """(file, article number in Chinese) for each article cited from a text that is at hand."""
    found = []
    for citation in re.split("；", source):
        name = next((name for name in FILES if citation.startswith(name)), None)
        for part in re.split(r"(?=《)", citation) if name is None else [citation]:
            of = next((known for known in FILES if part.startswith(known)), None)
            if of:
                found += [(FILES[of], chinese(int(n))) for n in re.findall(r"第(\d+)条", part.removeprefix(of))]
    return found


def test_chinese_numerals() -> None:
    written = {1: "一", 10: "十", 19: "十九", 20: "二十", 34: "三十四", 100: "一百", 105: "一百零五", 110: "一百一十"}
    written |= {126: "一百二十六", 205: "二百零五", 372: "三百七十二"}
    assert {number: chinese(number) for number in written} == written


def test_citations_are_taken_apart() -> None:
    assert cited("《民事诉讼法》第205条；《人民调解法》第33条第1款") == [
        ("civil_procedure_law_2023", "二百零五"),
        ("peoples_mediation_law_2010", "三十三"),
    ]
    assert cited("《民事诉讼法》司法解释第75条") == [("civil_procedure_interpretation_2022", "七十五")]
    assert cited("2015年《民事诉讼法》司法解释第374条；《民法典》第188条") == [
        ("civil_procedure_interpretation_2022", "三百七十四")
    ]


VERIFIED = [(p, v) for p in law.parameters() for v in p.values if v.verified and cited(v.source)]


@needs_texts
@pytest.mark.parametrize(("parameter", "dated"), VERIFIED, ids=lambda x: getattr(x, "id", ""))
def test_cited_article_exists_and_states_the_number(parameter: law.Parameter, dated: law.Dated) -> None:
    texts = []
    for file, number in cited(dated.source):
        assert number in articles(file), (file, number)
        texts.append(articles(file)[number])
    value = dated.value
    if parameter.kind not in ("period", "threshold", "rate") or not value:
        return
    if isinstance(value, Fraction):
        words = [f"百分之{chinese(int(value * 100))}"]
    else:
        year = [f"{chinese(value // 12)}年"] if parameter.unit == "M" and value % 12 == 0 else []
        words = [chinese(int(value)), str(value), *year, *(["两", "二"] if value == 2 else [])]
    elsewhere = "《民法典》" in dated.source  # its text is not at hand: the number may stand there
    assert elsewhere or any(word in text for word in words for text in texts), (words, texts)


@needs_texts
@pytest.mark.parametrize("rules", law.rule_sets(), ids=lambda r: r.id)
def test_articles_of_the_rule_sets_exist(rules: law.RuleSet) -> None:
    sources = [switch.source for switch in rules.entries] + list(rules.basis.values())
    found = [pair for source in sources for part in re.split(r"[（）]", source) for pair in cited(part)]
    assert len(found) > 40
    for file, number in found:
        assert number in articles(file), (file, number)


def test_there_is_something_to_check() -> None:
    assert len(VERIFIED) > 90
