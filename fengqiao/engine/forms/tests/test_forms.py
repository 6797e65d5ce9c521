"""Forms: samples hold and render; bad data are named; hostile texts stay texts; the same data, the same bytes."""

from __future__ import annotations

import copy
import datetime as dt
import io
import runpy
import zipfile
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from fengqiao.engine import forms, law
from fengqiao.engine.errors import InputError
from fengqiao.engine.forms import word
from fengqiao.engine.identity import with_check_digit
from fengqiao.engine.money_words import DIGITS, money_words
from fengqiao.engine.typesetting.glyphs import RARE

ROOT = Path(__file__).parents[4]
ON = dt.date(2026, 11, 20)
KEYS = [item.key for item in forms.known()]
NAMED = {
    "complaint", "defence", "mediation_agreement", "confirmation_application", "service_address", "mediation_record",
    "undisputed_facts", "termination_notice", "mediator_disclosure", "commitment_application", "power_of_attorney",
    "rights_announcement", "taskforce_ledger",
}  # fmt: skip


def agreement(**changes: Any) -> dict[str, Any]:
    return copy.deepcopy(forms.sample("mediation_agreement")) | changes


def said(data: dict[str, Any], key: str = "mediation_agreement") -> dict[str, str]:
    return {item.path: item.sentence for item in forms.check(key, data, as_of=ON)}


def texts(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def word_texts(docx: bytes) -> str:
    word = Document(io.BytesIO(docx))
    cells = [cell.text for table in word.tables for row in table.rows for cell in row.cells]
    return "\n".join([line.text for line in word.paragraphs] + cells)


def test_the_forms_are_there():
    assert set(KEYS) >= NAMED
    for item in forms.known():
        assert item.basis and all(law.instrument(basis.source) for basis in item.basis)


@pytest.mark.parametrize("key", KEYS)
def test_the_sample_holds_and_renders(key):
    data = forms.sample(key)
    assert forms.check(key, data, as_of=ON) == []
    pdf, docx = forms.render_pdf(key, data, as_of=ON), forms.render_docx(key, data, as_of=ON)
    assert pdf == forms.render_pdf(key, data, as_of=ON) and docx == forms.render_docx(key, data, as_of=ON)
    template, kept = forms.get(key), PdfReader(io.BytesIO(pdf))
    for words in (kept.metadata["/Keywords"], Document(io.BytesIO(docx)).core_properties.keywords):
        assert (
            f"form={key}" in words
            and f"version={template.version}" in words
            and f"data-sha256={forms.digest(data)}" in words
        )
    assert b"pdfaid" in pdf or "pdfaid" in kept.xmp_metadata.rdf_root.toxml()
    inside = word_texts(docx)
    assert template.title in inside and "{{" not in inside and "{%" not in inside


@pytest.mark.parametrize("key", KEYS)
def test_every_required_field_is_asked_for(key):
    for field in forms.get(key).fields:
        data = forms.sample(key)
        if field.required and field.key in data:
            del data[field.key]
            assert any(item.path == field.key and item.blocking for item in forms.check(key, data)), field.key


def test_pdf_and_word_say_the_same():
    data = agreement()
    squeezed = "".join(texts(forms.render_pdf("mediation_agreement", data, as_of=ON)).split())
    for text in (data["facts"], data["liability"], "人民币壹万贰仟叁佰肆拾伍元陆角柒分", "12,345.67元"):
        assert "".join(text.split()) in squeezed
        word = word_texts(forms.render_docx("mediation_agreement", data, as_of=ON))
        assert "".join(text.split()) in "".join(word.split())


def test_what_does_not_hold_is_named():
    assert said(agreement(amount=1234568))["instalments"] == ("各行合计12,345.67 元，与“支付总额”12,345.68 元不一致。")
    assert "请核对" in said(agreement(signed_on="2026-12-21"))["instalments.pay_by"]
    assert "accepted_on" not in said(agreement()) and "signed_on" in said(agreement(accepted_on="2026-11-21"))
    back = [{"pay_by": "2027-01-20", "amount": 1000000}, {"pay_by": "2026-12-20", "amount": 234567}]
    assert said(agreement(instalments=back))["instalments"] == "日期应由先到后排列。"
    assert said(agreement(signed_on="2026-02-30"))["signed_on"].startswith("不是日期")
    assert said(agreement(amount=12.5))["amount"] == "应是整数，以分为单位。"
    assert said(agreement(amount=True))["amount"] == "应是整数，以分为单位。"
    assert said(agreement(fact="x"))["fact"] == "没有这个字段。是否应为“facts”？"
    assert "最多2000个字" in said(agreement(issues="事" * 2001))["issues"]
    twice = agreement()
    twice["respondents"][0]["name"] = twice["claimants"][0]["name"]
    assert "同时填在两方" in said(twice)["respondents.name"]
    wrong = agreement()
    wrong["claimants"][0]["identity"] = with_check_digit("11010119800506" + "001")[:17] + "?"
    assert "身份证号码" in said(wrong)["claimants[0].identity"]
    assert said(agreement(confirmation=False))["court"].startswith("按所作的选择不需要")
    assert said(agreement(claimants="甲"))["claimants"].startswith("应是")
    assert said([], "mediation_agreement")[""].startswith("数据应是")
    assert "不一致" in said(forms.sample("complaint") | {"total": 1}, "complaint")["total"]
    with pytest.raises(InputError, match=r"facts.*没有填写"):
        forms.render_pdf("mediation_agreement", agreement(facts=""), as_of=ON)


def test_an_unknown_form_names_the_nearest():
    with pytest.raises(InputError, match='did you mean "mediation_agreement"'):
        forms.get("mediation_agrement")


def test_rare_names_are_printed_and_lacking_characters_named():
    rare = agreement(mediator="𠮷㛃䶮")
    assert said(rare) == {} and "𠮷㛃䶮" in texts(forms.render_pdf("mediation_agreement", rare, as_of=ON))
    odd = agreement(mediator="甲\u202e乙")
    assert "U+202E" in said(odd)["mediator"] and not forms.check("mediation_agreement", odd)[0].blocking
    assert "[U+202E]" in texts(forms.render_pdf("mediation_agreement", odd, as_of=ON))
    font = TTFont(RARE / "FengqiaoRareIdeographs-Regular.otf")
    assert set(map(chr, font.getBestCmap())) == set((RARE / "characters.txt").read_text(encoding="utf-8"))


def test_places_of_signatures_are_on_their_pages():
    data = agreement()
    places = forms.signature_places("mediation_agreement", data, as_of=ON)
    assert [(p.key, p.who) for p in places] == [
        ("claimants_1", "投资者甲"), ("respondents_1", "演示上市公司"), ("mediator", "调解员甲"),
        ("organisation", "演示调解中心"),
    ]  # fmt: skip
    pages = PdfReader(io.BytesIO(forms.render_pdf("mediation_agreement", data, as_of=ON))).pages
    for place in places:
        left, bottom, right, top = place.rect
        assert 0 < left < right < 596 and 0 < bottom < top < 842
        assert place.who in pages[place.page - 1].extract_text()


HOSTILE = st.sampled_from(
    ["{{7*7}}", "{% for x in y %}", "#import \"/etc\"", "$x$", "<w:p/>", "&amp;", "\\u{41}", "]]>", "*a* _b_ @c <d>",
     "\x00\x07\x0c", "\u202e\ufeff", "𠮷", "{amount}", "{claimants.names}", "\ud800", "甲\n乙", "%p endfor"]
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(st.lists(HOSTILE, min_size=1, max_size=6).map("".join))
def test_hostile_texts_stay_texts(text):
    data = agreement(issues="起" + text + "止", mediator="员" + text.replace("\n", "")[:40])
    pdf, docx = (make("mediation_agreement", data, as_of=ON) for make in (forms.render_pdf, forms.render_docx))
    assert pdf.startswith(b"%PDF") and zipfile.ZipFile(io.BytesIO(docx)).testzip() is None
    inside = word_texts(docx)
    assert "起" in inside and "止" in inside
    for mark in ("{{7*7}}", "{% for x in y %}", "<w:p/>", "&amp;", "{amount}"):
        assert (mark in text) == (mark in inside)


def test_the_word_template_is_what_its_code_makes():
    make = runpy.run_path(str(ROOT / "docs" / "make_word_template.py"))["court_template"]
    for landscape in (False, True):
        for large in (False, True):
            assert make(landscape=landscape, large=large) == word.court_template(landscape, large)


def test_many_go_on_after_a_bad_one():
    made = list(forms.render_many("mediation_agreement", [agreement(), agreement(amount=1), agreement()], as_of=ON))
    assert [isinstance(item, bytes) for item in made] == [True, False, True] and made[0] == made[2]


def read_words(words: str) -> int:
    """The fen that an amount in words stands for, read by a way of its own."""
    whole, _, rest = words.removeprefix("人民币").removesuffix("整").rpartition("元")
    worth, part, digit = 0, 0, 0
    for sign in whole:
        if sign in DIGITS:
            digit = DIGITS.index(sign)
        elif sign in "拾佰仟":
            part, digit = part + digit * {"拾": 10, "佰": 100, "仟": 1000}[sign], 0
        else:
            scale = {"万": 10**4, "亿": 10**8}[sign]
            worth = (worth + part + digit) * scale if sign == "亿" else worth + (part + digit) * scale
            part, digit = 0, 0
    fen, digit = (worth + part + digit) * 100, 0
    for sign in rest:
        if sign in DIGITS:
            digit = DIGITS.index(sign)
        else:
            fen, digit = fen + digit * {"角": 10, "分": 1}[sign], 0
    return fen


@given(
    st.one_of(st.integers(0, 10**18 - 1), st.integers(0, 10**9), st.integers(0, 10**8 - 1).map(lambda n: n * 10**10))
)
def test_amounts_in_words_read_back(fen):
    words = money_words(fen)
    assert read_words(words) == fen and "零零" not in words
    assert words.endswith("整") == (fen % 10 == 0)


@pytest.mark.parametrize("key", KEYS)
def test_drafts_are_marked_and_made_of_whatever_there_is(key):
    whole = forms.sample(key)
    halves = [{}, dict(list(whole.items())[: len(whole) // 2]), dict.fromkeys(whole, "不合适"), {"unknown": [1]}]
    for data in (whole, *halves):
        pdf = forms.render_pdf(key, data, as_of=ON, draft=True)
        docx = forms.render_docx(key, data, as_of=ON, draft=True)
        for page in PdfReader(io.BytesIO(pdf)).pages:
            assert page.extract_text().count("草稿") == 2  # the line on top and the large words behind
        assert "草稿，未完成" in word_texts(docx)
    final = texts(forms.render_pdf(key, whole, as_of=ON)) + word_texts(forms.render_docx(key, whole, as_of=ON))
    assert "草稿" not in final
    assert forms.fitting(key, whole) == {name: value for name, value in whole.items() if value not in ("", [])}


def test_a_draft_leaves_out_what_does_not_fit():
    data = agreement(amount="一万", signed_on="明天", court="演示人民法院", confirmation=False, claimants=["甲", {}])
    kept = forms.fitting("mediation_agreement", data)
    assert not {"amount", "signed_on", "court", "claimants"} & set(kept) and kept["facts"] == data["facts"]
    said = texts(forms.render_pdf("mediation_agreement", data, as_of=ON, draft=True))
    assert "＿＿＿＿" in said and "明天" not in said


@pytest.mark.parametrize(
    ("key", "field"),
    [("service_address", "warned"), ("mediation_record", "warned"), ("mediation_record", "identity_checked"),
     ("confirmation_application", "truthful")],
)  # fmt: skip
def test_what_has_to_be_yes_is_not_taken_as_no(key, field):
    data = forms.sample(key) | {field: False}
    problem = next(item for item in forms.check(key, data, as_of=ON) if item.path == field)
    assert problem.blocking and "请" in problem.sentence
    with pytest.raises(InputError):
        forms.render_pdf(key, data, as_of=ON)


def test_the_announcement_holds_to_its_numbers_and_days():
    whole = forms.sample("rights_announcement")
    one = said(whole | {"representatives": whole["representatives"][:1]}, "rights_announcement")
    assert "2至5项" in one["representatives"]
    late = said(whole | {"closes_on": whole["opens_on"]}, "rights_announcement")
    assert "早于或等于" in late["closes_on"]


def test_nobody_signs_a_page_without_text():
    for key in KEYS:
        pages = PdfReader(io.BytesIO(forms.render_pdf(key, forms.sample(key), as_of=ON))).pages
        places = forms.signature_places(key, forms.sample(key), as_of=ON)
        for number in {place.page for place in places}:
            before = pages[number - 1].extract_text().partition("（签名或者盖章）")[0]
            assert "。" in before or "此致" in before, (key, number)


def test_a_wide_form_lies_on_its_side():
    whole = forms.sample("taskforce_ledger")
    box = PdfReader(io.BytesIO(forms.render_pdf("taskforce_ledger", whole, as_of=ON))).pages[0].mediabox
    page = Document(io.BytesIO(forms.render_docx("taskforce_ledger", whole, as_of=ON))).sections[0]
    assert box.width > box.height and page.page_width > page.page_height


@pytest.mark.parametrize("key", KEYS)
def test_large_print_says_the_same_in_larger_letters(key: str) -> None:
    data = forms.sample(key)
    usual = PdfReader(io.BytesIO(forms.render_pdf(key, data, as_of=ON)))
    made = forms.render_pdf(key, data, as_of=ON, large=True)
    large = PdfReader(io.BytesIO(made))
    assert made == forms.render_pdf(key, data, as_of=ON, large=True)
    assert "pdfaid" in large.xmp_metadata.rdf_root.toxml()
    assert f"data-sha256={forms.digest(data)}" in large.metadata["/Keywords"]
    assert "大字版" in large.pages[0].extract_text() and "大字版" not in usual.pages[0].extract_text()
    small, big = (set(in_letters(texts_of(reader))) for reader in (usual, large))
    assert not small - big, "every sign of the usual document is there"
    for page in large.pages:
        sizes: list[float] = []
        page.extract_text(visitor_text=lambda text, _cm, tm, _font, size, found=sizes: found.append(size * tm[0]) if (
            text.strip() and tm[5] > 80) else None)  # fmt: skip
        assert min(sizes, default=99) > 14, "but for the foot of the page"
    places = forms.signature_places(key, data, as_of=ON, large=True)
    assert [place.key for place in places] == [place.key for place in forms.signature_places(key, data, as_of=ON)]
    for place in places:
        left, low, right, high = place.rect
        assert 0 < left < right < large.pages[0].mediabox.width and 60 < low < high


def texts_of(reader: PdfReader) -> str:
    return "".join(page.extract_text() for page in reader.pages)


def in_letters(text: str) -> str:
    return "".join(text.split())


def word_sizes(docx: bytes) -> list[float]:
    """The sizes of all letters of a Word document in points, but for the foot of the page."""
    made = Document(io.BytesIO(docx))
    usual = made.styles["Normal"].font.size.pt
    cells = [line for table in made.tables for row in table.rows for cell in row.cells for line in cell.paragraphs]
    runs = [run for line in (*made.paragraphs, *cells) for run in line.runs if run.text.strip()]
    return [run.font.size.pt if run.font.size else usual for run in runs]


@pytest.mark.parametrize("key", KEYS)
def test_word_in_large_print_says_the_same_in_larger_letters(key: str) -> None:
    data = forms.sample(key)
    usual, large = (forms.render_docx(key, data, as_of=ON, large=large) for large in (False, True))
    assert large == forms.render_docx(key, data, as_of=ON, large=True) != usual
    assert min(word_sizes(large)) >= 14 and sorted(word_sizes(large))[len(word_sizes(large)) // 2] >= 18
    small, big = (set(in_letters(word_texts(docx))) for docx in (usual, large))
    assert not small - big, "every sign of the usual document is there"
    made = Document(io.BytesIO(large))
    assert "大字版" in made.sections[0].footer.paragraphs[0].text
    assert f"data-sha256={forms.digest(data)}" in made.core_properties.keywords
    assert all(len(table.columns) <= 3 for table in made.tables), "nothing is pressed into narrow columns"
    draft = word_texts(forms.render_docx(key, {}, as_of=ON, large=True, draft=True))
    assert "草稿，未完成" in draft


def test_a_wide_table_in_large_print_has_a_heading_at_every_value() -> None:
    data = forms.sample("taskforce_ledger")
    usual, large = (
        Document(io.BytesIO(forms.render_docx("taskforce_ledger", data, as_of=ON, large=large))) for large in (0, 1)
    )
    wide = max(usual.tables, key=lambda table: len(table.columns))
    head, *rows = [[cell.text for cell in row.cells] for row in wide.rows]
    pairs = [[tuple(cell.text for cell in row.cells) for row in table.rows] for table in large.tables]
    for row in rows:
        assert list(zip(head, row, strict=True)) in pairs
