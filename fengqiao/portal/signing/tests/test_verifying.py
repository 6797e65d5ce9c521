"""Verification against files made to deceive it: what was changed after signing never passes, nothing hangs."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import re
import time
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.conf import settings
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

from fengqiao.portal.accounts.models import Organisation
from fengqiao.portal.signing import service, verification
from fengqiao.portal.signing.authority import Authority, fill
from fengqiao.portal.signing.models import Signatory, SigningRound
from fengqiao.portal.signing.tests.made_round import text_pdf
from fengqiao.portal.signing.verifying.look import look

NOW = dt.datetime(2026, 11, 20, 1, 0, tzinfo=dt.UTC)
NAME = generic.NameObject
FEW = how(max_examples=25, deadline=None, database=None, derandomize=True,
          suppress_health_check=[HealthCheck.too_slow])  # fmt: skip


def places() -> list[Signatory]:
    """Two places of a round that is nowhere in the database."""
    round_ = SigningRound(pk=1, title="协议", created_at=NOW, due_at=NOW, code="A" * 12, pages=2, level="B-T",
                          text_sha256="0" * 64, organisation=Organisation(name="测试调解中心"))  # fmt: skip
    return [
        Signatory(pk=number, round=round_, kind="party", role_title="申请人", name=name, field=f"Signature{number}",
                  position=number)
        for number, name in ((1, "投资者甲"), (2, "投资者乙"))
    ]  # fmt: skip


@cache
def empty() -> bytes:
    return service.prepare(text_pdf(), places()[0].round, places())


@cache
def once() -> bytes:
    return service.sign(empty(), places()[0], now=NOW)


@cache
def twice() -> bytes:
    return service.sign(once(), places()[1], now=NOW)


def seen(data: bytes) -> dict[str, Any]:
    """What is said of a file."""
    return look(data, verification.believed(NOW), NOW)


def gap(data: bytes) -> tuple[int, int]:
    """Where the last signature itself stands: the only part of the file that it does not cover."""
    last = PdfFileReader(io.BytesIO(data)).embedded_signatures[-1]
    first, length, second, _ = (int(number) for number in last.byte_range)
    return first + length, second


def test_what_was_not_changed_is_whole() -> None:
    found = seen(twice())
    assert (found["word"], [one["who"] for one in found["signatures"]]) == ("完整", ["投资者甲", "投资者乙"])


@FEW
@given(st.data())
def test_changed_bytes_never_pass(data: Any) -> None:
    whole = twice()
    begin, end = gap(whole)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.one_of(st.integers(0, begin - 1), st.integers(end, len(twice()) - 1)))
        what = data.draw(st.sampled_from(("change", "put in", "take out")))
        new = bytes([(twice()[at] + data.draw(st.integers(1, 255))) % 256])
        whole = whole[:at] + (b"" if what == "take out" else new) + whole[at + (what != "put in") :]
    if whole != twice():
        assert seen(whole)["sign"] != "good"


def test_no_digit_of_the_last_tables_hides_a_signature() -> None:
    last = twice().rfind(b"xref\n0 3")
    for at in range(last, twice().rfind(b"trailer")):
        changed = twice()[:at] + bytes([twice()[at] + 1]) + twice()[at + 1 :]
        assert seen(changed)["sign"] != "good", (at, twice()[at - 20 : at + 1])


@FEW
@given(st.data())
def test_a_changed_signature_never_says_something_else(data: Any) -> None:
    begin, end = gap(twice())
    at = data.draw(st.integers(begin, end - 1))
    changed = twice()[:at] + bytes([data.draw(st.integers(0, 255))]) + twice()[at + 1 :]
    if changed != twice():
        found = seen(changed)
        assert found["sign"] != "good" or found == seen(twice()), "no other name, time or authority"


TOKENS = re.compile(rb"\d+ \d+ R|/[A-Za-z]+|\b\d{1,6}\b|<<|>>|\[|\]")


@FEW
@given(st.data())
def test_changed_structure_never_passes(data: Any) -> None:
    begin, end = gap(twice())
    marks = [mark for mark in TOKENS.finditer(twice()) if not begin <= mark.start() < end]
    one, other = (data.draw(st.sampled_from(marks)) for _ in range(2))
    how_changed = data.draw(st.sampled_from(("another", "nothing", "doubled")))
    new = {"another": other.group(), "nothing": b"", "doubled": one.group() * 2}[how_changed]
    changed = twice()[: one.start()] + new + twice()[one.end() :]
    if changed != twice():
        assert seen(changed)["sign"] != "good"


@FEW
@given(st.integers(0, 1 << 30), st.binary(max_size=40))
def test_cut_and_prolonged_files_never_crash(at: int, more: bytes) -> None:
    cut = twice()[: at % len(twice())]
    assert seen(cut)["sign"] != "good" or cut.rstrip() in (once().rstrip(), twice().rstrip())
    assert seen(twice() + more)["sign"] != "good" or not more.strip(b"\r\n")
    assert seen(more + twice())["sign"] != "good" or not more


def updated(data: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    """The file with a revision behind it."""
    writer = IncrementalPdfFileWriter(io.BytesIO(data), strict=False)
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def page_of(writer: IncrementalPdfFileWriter) -> Any:
    reference, _ = writer.find_page_for_modification(0)
    return reference.get_object(), reference


def other_content(writer: IncrementalPdfFileWriter) -> None:
    page, reference = page_of(writer)
    page[NAME("/Contents")] = writer.add_object(generic.StreamObject(stream_data=b"0 0 500 500 re f"))
    writer.mark_update(reference)


def other_rotation(writer: IncrementalPdfFileWriter) -> None:
    page, reference = page_of(writer)
    page[NAME("/Rotate")] = generic.NumberObject(180)
    writer.mark_update(reference)


def a_note_on_top(writer: IncrementalPdfFileWriter) -> None:
    page, reference = page_of(writer)
    box = generic.ArrayObject(map(generic.NumberObject, (0, 0, 500, 800)))
    note = generic.DictionaryObject({NAME("/Type"): NAME("/Annot"), NAME("/Subtype"): NAME("/FreeText"),
                                     NAME("/Rect"): box, NAME("/Contents"): generic.TextStringObject("x")})  # fmt: skip
    page[NAME("/Annots")] = generic.ArrayObject([*page.get("/Annots", ()), writer.add_object(note)])
    writer.mark_update(reference)


def one_page_less(writer: IncrementalPdfFileWriter) -> None:
    pages = writer.root["/Pages"]
    pages[NAME("/Kids")] = generic.ArrayObject(list(pages["/Kids"])[1:])
    pages[NAME("/Count")] = generic.NumberObject(int(pages["/Count"]) - 1)
    writer.mark_update(writer.root.raw_get("/Pages"))


def another_field(writer: IncrementalPdfFileWriter) -> None:
    form = writer.root["/AcroForm"]
    field = generic.DictionaryObject({NAME("/FT"): NAME("/Tx"), NAME("/T"): generic.TextStringObject("total"),
                                      NAME("/V"): generic.TextStringObject("1000000")})  # fmt: skip
    form["/Fields"].append(writer.add_object(field))
    writer.update_container(form["/Fields"])


CHANGES = (other_content, other_rotation, a_note_on_top, one_page_less, another_field)


@pytest.mark.parametrize("change", CHANGES, ids=lambda one: one.__name__)
def test_a_later_revision_shows(change: Any) -> None:
    assert seen(updated(twice(), change))["word"] == "有改动"
    between = updated(once(), change)
    signed_after = service.sign(between, places()[1], now=NOW)
    found = seen(signed_after)
    assert found["word"] == "有改动", "also when somebody has signed behind it"
    assert [one["good"] for one in found["signatures"]] == [False, True]


def test_a_field_that_was_filled_between_two_signatures_shows() -> None:
    with pikepdf.open(io.BytesIO(text_pdf())) as pdf:
        field = pdf.make_indirect(pikepdf.Dictionary(
            FT=pikepdf.Name.Tx, T="total", V="100", Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget,
            Rect=[50, 700, 200, 720], P=pdf.pages[0].obj,
        ))  # fmt: skip
        pdf.pages[0].Annots = pdf.make_indirect(pikepdf.Array([field]))
        pdf.Root.AcroForm = pdf.make_indirect(pikepdf.Dictionary(Fields=pikepdf.Array([field])))
        out = io.BytesIO()
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    first, second = places()
    signed = service.sign(service.prepare(out.getvalue(), first.round, [first, second]), first, now=NOW)

    def fill_it(writer: IncrementalPdfFileWriter) -> None:
        fields = [one.get_object() for one in writer.root["/AcroForm"]["/Fields"]]
        found = next(one for one in fields if one["/T"] == "total")
        found[NAME("/V")] = generic.TextStringObject("999")
        writer.update_container(found)

    found = seen(service.sign(updated(signed, fill_it), second, now=NOW))
    assert found["word"] == "有改动", found
    assert seen(service.sign(signed, second, now=NOW))["word"] == "完整"


def test_ranges_and_signatures_cannot_be_moved() -> None:
    ranges = list(re.finditer(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+)\s*\]", twice()))
    assert len(ranges) == 2
    for number in range(1, 5):
        for one in ranges:
            digits = one.group(number)
            other = str((int(digits) + 7) % 10 ** len(digits)).zfill(len(digits)).encode()
            changed = twice()[: one.start(number)] + other + twice()[one.end(number) :]
            assert seen(changed)["sign"] != "good"
    begin, end = gap(once())
    moved = bytearray(twice())
    last = gap(twice())
    moved[last[0] : last[1]] = once()[begin:end].ljust(last[1] - last[0], b"0")[: last[1] - last[0]]
    assert seen(bytes(moved))["sign"] != "good"


def test_nothing_hides_behind_a_signature() -> None:
    _, end = gap(twice())
    hidden = twice()[: end - 9] + b"deadbeef" + twice()[end - 1 :]
    assert seen(hidden)["word"] == "有改动"


def test_written_anew_by_another_program_it_is_not_whole() -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(twice())) as pdf:
        pdf.save(out)
    assert seen(out.getvalue())["sign"] != "good"


def test_names_and_times_of_unknown_authorities_are_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path, NOW)
    from fengqiao.portal.signing import authority as own
    from fengqiao.portal.signing import stamping

    monkeypatch.setattr(stamping, "authority", lambda now: Authority(tmp_path))
    backdated = seen(service.sign(empty(), places()[0], now=NOW))
    assert backdated["word"] == "签名人未证实" and backdated["signatures"][0]["when"] is None, backdated
    monkeypatch.setattr(own, "authority", lambda now: Authority(tmp_path))
    forged = seen(service.sign(empty(), places()[0], now=NOW))
    assert forged["word"] == "签名人未证实" and not forged["signatures"][0]["test"]


def bomb(size: int) -> bytes:
    """A table of objects that unpacks to more than there is memory."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(size >> 20)) + packer.flush()
    head = b"%PDF-1.7\n"
    table = (
        b"1 0 obj\n<</Type/XRef/Size 9/W[1 2 1]/Root 2 0 R/Filter/FlateDecode/Length %d>>stream\n" % len(packed)
        + packed + b"\nendstream\nendobj\n"
    )  # fmt: skip
    return head + table + b"startxref\n%d\n%%%%EOF\n" % len(head)


def nested(depth: int) -> bytes:
    return (
        b"%PDF-1.7\n1 0 obj\n" + b"[" * depth + b"]" * depth + b"\nendobj\ntrailer <</Root 1 0 R>>\nstartxref\n9\n%%EOF"
    )


def loop() -> bytes:
    table = b"xref\n0 1\n0000000000 65535 f \ntrailer <</Size 1/Root 1 0 R/Prev 9>>\n"
    return b"%PDF-1.7\n" + table + b"startxref\n9\n%%EOF\n"


@pytest.mark.parametrize(
    "made", [lambda: bomb(1 << 30), lambda: nested(100_000), loop, lambda: b"", lambda: b"%PDF-1.7\n%%EOF"],
    ids=["bomb", "nested", "loop", "nothing", "hardly anything"],
)  # fmt: skip
def test_files_that_would_eat_the_machine_are_answered_in_time(made: Callable[[], bytes], tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(made())
    begun = time.process_time()
    found = verification.verify_file(path, now=NOW, seconds=10)
    assert found.sign != "good" and found.sentence
    assert time.process_time() - begun < 5, "not in this process"


def test_the_process_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    found = verification.verify(twice(), now=NOW)
    assert (found.word, len(found.signatures)) == ("完整", 2)
    assert not list((Path(settings.ENVIRONMENT.home) / "verifying").iterdir()), "nothing of the file stays"
    monkeypatch.setattr(verification, "SECONDS", 1)
    assert dataclasses.is_dataclass(found)
