"""Sealed columns: what the database holds, what the program shows, what is noticed."""

from __future__ import annotations

import copy
import datetime as dt
import json
import logging
import pickle
import re
import sys
import traceback
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import serializers
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.template import Context, Template
from django.views.debug import ExceptionReporter
from hypothesis import given, settings
from hypothesis import strategies as st

from fengqiao.engine.errors import InputError
from fengqiao.portal.audit.models import Event
from fengqiao.portal.audit.queries import was
from fengqiao.portal.audit.stamp import Stamp
from fengqiao.portal.keystore import CIPHERS, KeyStoreError
from fengqiao.portal.refusal import Refusal
from fengqiao.portal.vault import actions, sealing
from fengqiao.portal.vault.fields import lookup
from fengqiao.portal.vault.kinds import Kind, mask, normal
from fengqiao.portal.vault.sealed import Column, Sealed, open_sealed
from fengqiao.portal.vault.tests.archive.models import Person

NOW = dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.UTC)
NUMBER = "11010119000101" + "1234"  # made up: its check digit is wrong
PHONE = "138" + "00001234"
STAMP = Stamp(7, "调解员甲", "mediator", "调解员", 3, "调解组织甲")
EACH_COLUMN = ("number", "phone", "account", "place")


@pytest.fixture(params=CIPHERS)
def cipher(request: pytest.FixtureRequest, settings: Any, tmp_path: Any) -> str:
    """Each cipher in turn, with keys of its own."""
    settings.KEY_FOLDER, settings.SEAL_CIPHER = tmp_path / "keys", request.param
    return request.param


def somebody(**given: str) -> Person:
    """A person in the database."""
    values = {"number": NUMBER, "phone": PHONE, "account": "6222" + "020000000012", "place": "浙江省绍兴市枫桥路1号"}
    return Person.objects.create(name="投资者A", **(values | given))


def stored(person: Person, column: str) -> bytes:
    """What the database holds."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM archive_person WHERE id = %s", [person.pk])
        return bytes(cursor.fetchone()[0])


def store(person: Person, column: str, value: bytes) -> Person:
    """Change the database by hand; the person as read afterwards."""
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE archive_person SET {column} = %s WHERE id = %s", [value, person.pk])
    return Person.objects.get(pk=person.pk)


@pytest.mark.django_db
def test_what_is_written_comes_back(cipher: str) -> None:
    person = Person.objects.get(pk=somebody().pk)
    assert open_sealed(person.number) == NUMBER
    assert [str(getattr(person, name)) for name in EACH_COLUMN] == [
        "110***********1234", "138****1234", "****0012", "浙江省绍兴市****",
    ]  # fmt: skip
    blob = stored(person, "number")
    assert NUMBER.encode() not in blob and len(blob) == len(NUMBER) + sealing.OVERHEAD
    person.phone = "139" + "00005678"
    person.save()
    person.refresh_from_db()
    assert str(person.phone) == "139****5678"
    assert Person.objects.get(lookup(Person, "phone", "139" + "00005678")) == person
    assert not Person.objects.filter(lookup(Person, "phone", PHONE)).exists()


@pytest.mark.django_db
def test_nothing_is_nothing() -> None:
    person = Person.objects.get(pk=somebody(phone="", place="").pk)
    assert not person.phone and str(person.phone) == "" and person.phone_index == ""
    assert not person.place and stored(person, "phone") == b""
    assert not Person.objects.filter(lookup(Person, "phone", "")).exists()


@pytest.mark.django_db
def test_every_flipped_byte_is_noticed(cipher: str) -> None:
    person = somebody()
    blob = stored(person, "number")
    for place in range(len(blob)):
        changed = bytearray(blob)
        changed[place] ^= 1
        broken = store(person, "number", bytes(changed))
        with pytest.raises(InputError if place in range(1, 5) else sealing.SealBrokenError):
            open_sealed(broken.number)
        assert str(broken.number) == "（无法读取）"
    for cut in (b"\x01", blob[:-1], blob[: sealing.OVERHEAD - 1]):
        with pytest.raises(sealing.SealBrokenError):
            open_sealed(store(person, "number", cut).number)
    assert open_sealed(store(person, "number", blob).number) == NUMBER


@pytest.mark.django_db
def test_a_value_opens_in_its_own_column_and_row_only(cipher: str) -> None:
    one, other = somebody(), somebody(account="6222" + "020000009999")
    for target, column, value in (
        (other, "account", stored(one, "account")),  # another row
        (one, "phone", stored(one, "number")),  # another column
    ):
        moved = store(target, column, value)
        with pytest.raises(sealing.SealBrokenError, match="移来"):
            open_sealed(getattr(moved, column))


@pytest.mark.django_db
def test_a_value_may_be_copied_by_the_program() -> None:
    one, other = Person.objects.get(pk=somebody().pk), somebody(phone="139" + "00005678")
    other.phone = one.phone
    other.account = one.number  # also from another column
    other.save()
    other = Person.objects.get(pk=other.pk)
    assert (open_sealed(other.phone), open_sealed(other.account)) == (PHONE, NUMBER)
    assert other.phone == one.phone and other.phone != other.number
    clone = copy.deepcopy(one)
    clone.pk = None
    clone.save()
    assert open_sealed(Person.objects.get(pk=clone.pk).number) == NUMBER


@pytest.mark.django_db
def test_equal_values_are_found_however_they_are_written() -> None:
    person = somebody(number=NUMBER[:-1] + "X")
    assert stored(person, "number") != stored(somebody(number=NUMBER[:-1] + "X"), "number")
    for typed in (NUMBER[:-1] + "x", f" {NUMBER[:6]} {NUMBER[6:-1]}Ｘ"):
        assert Person.objects.filter(lookup(Person, "number", typed)).count() == 2
    for typed in ("+86 138-0000-1234", "０" * 0 + PHONE):
        assert Person.objects.filter(lookup(Person, "phone", typed)).count() == 2
    assert sealing.index_of(PHONE, kind=Kind.MOBILE, purpose="a") != sealing.index_of(
        PHONE, kind=Kind.MOBILE, purpose="b"
    )
    with pytest.raises(TypeError, match="no blind index"):
        lookup(Person, "account", "1")


@pytest.mark.django_db
def test_ways_around_the_seal_are_refused() -> None:
    person = somebody()
    with pytest.raises(TypeError, match="sealed"), transaction.atomic():
        Person.objects.filter(pk=person.pk).update(phone=PHONE)
    with pytest.raises(TypeError, match="lookup"):
        Person.objects.filter(phone=PHONE).exists()
    with pytest.raises(ValueError, match="together"), transaction.atomic():
        person.save(update_fields=["phone"])
    with pytest.raises(ValueError, match="mask"):
        person.phone = str(person.phone)
    with pytest.raises(TypeError):
        open_sealed(Person.objects.values_list("phone", flat=True).get())
    person.save(update_fields=["phone", "phone_index"])


@pytest.mark.django_db
def test_a_dump_of_the_database_holds_ciphertext_and_can_be_loaded() -> None:
    person = somebody()
    dumped = serializers.serialize("json", [person])
    assert PHONE not in dumped and "sealed:" in dumped
    Person.objects.all().delete()
    next(iter(serializers.deserialize("json", dumped))).save()
    assert open_sealed(Person.objects.get().phone) == PHONE


# -- a plain text never shows itself

DIGITS = st.text("0123456789", min_size=12, max_size=19)


def shown(value: Sealed) -> Iterator[str]:
    """Everything by which a value might show itself."""
    yield from (str(value), repr(value), f"{value}", f"{value:>40}", "%s" % value, repr([value]))  # noqa: UP031
    yield Template("{{ value }} {{ value|safe }} {% debug %}").render(Context({"value": value}))
    yield logging.LogRecord("x", 20, "x", 1, "%s", (value,), None).getMessage()
    for refused in (lambda: json.dumps({"a": value}), lambda: json.dumps(value, cls=DjangoJSONEncoder),
                    lambda: pickle.dumps(value), lambda: value + "", lambda: {value: 1}):  # fmt: skip
        with pytest.raises(TypeError) as caught:
            refused()
        yield "".join(traceback.format_exception(caught.value)) + str(caught.value)
    try:
        text = open_sealed(value)
        raise RuntimeError("out of order")
    except RuntimeError:
        local, text = value, ""
        yield ExceptionReporter(None, *sys.exc_info()).get_traceback_html()
        assert local is value and text == ""


@settings(deadline=None, max_examples=30)
@given(text=DIGITS, kind=st.sampled_from(Kind))
def test_a_value_never_shows_itself(text: str, kind: Kind) -> None:
    column = Column("test.value", kind)
    fresh = Sealed(column, text=text)
    kept = Sealed(column, blob=sealing.seal(text, purpose="test.value", row=b"r"), row=b"r")
    for value in (fresh, kept):
        for sight in shown(value):
            assert text not in sight, sight


@settings(deadline=None)
@given(text=st.text(min_size=1), kind=st.sampled_from(Kind))
def test_a_mask_hides_at_least_half(text: str, kind: Kind) -> None:
    hidden = mask(kind, text)
    if kind in (Kind.NAME, Kind.ADDRESS, Kind.EMAIL):
        return  # they show a name of a place, a family, a host
    left = re.sub(r"\*", "", hidden)
    assert len(left) <= (7 if kind is Kind.MOBILE else len(normal(kind, text)) / 2)
    assert hidden == "" or "*" in hidden


def test_a_trace_shows_no_plain_text_that_was_on_its_way_to_the_seal(settings: Any, tmp_path: Any) -> None:
    settings.DEBUG = False
    settings.KEY_FOLDER = tmp_path
    (tmp_path / "current.json").write_text("{")
    try:
        sealing.seal(PHONE, purpose="test.value", row=b"r")
    except KeyStoreError:
        assert PHONE not in ExceptionReporter(None, *sys.exc_info()).get_traceback_html()


MASKS = {
    Kind.IDENTITY_NUMBER: [("110101190001011234", "110***********1234"), ("110101000101123", "110********1123")],
    Kind.MOBILE: [(PHONE, "138****1234"), ("+86 " + PHONE, "138****1234"), ("88001234", "******34")],
    Kind.BANK_ACCOUNT: [("6222 0200 0000 1234", "****1234"), ("123", "****")],
    Kind.PASSPORT: [("E12345678", "E******78")],
    Kind.CREDIT_CODE: [("91330600MA00000001", "91************0001")],
    Kind.NAME: [("张三", "张*"), ("欧阳某某", "欧阳**"), ("A", "*"), ("John Doe", "J***"), ("", "")],
    Kind.ADDRESS: [
        ("浙江省绍兴市诸暨市枫桥镇1号", "浙江省绍兴市****"), ("北京市西城区金融大街1号", "北京市****"),
        ("广西壮族自治区南宁市1号", "广西壮族自治区南宁市****"),
        ("新疆维吾尔自治区伊犁哈萨克自治州1号", "新疆维吾尔自治区伊犁哈萨克自治州****"),
        ("枫桥镇1号", "****"), ("杭州市西湖区1号", "杭州市****"),
    ],
    Kind.EMAIL: [("abc@example.cn", "a***@example.cn"), ("a@example.cn", "***")],
    Kind.TEXT: [("任何内容", "****"), ("", "")],
}  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "expected"), [(k, t, e) for k, pairs in MASKS.items() for t, e in pairs])
def test_masks(kind: Kind, text: str, expected: str) -> None:
    assert mask(kind, text) == expected


# -- revealing


@pytest.mark.django_db(transaction=True)
def test_a_value_is_revealed_with_a_reason_and_an_event() -> None:
    person = somebody()
    given = {"sealed": person.number, "subject": person, "stamp": STAMP, "now": NOW}
    for reason in ("", "   ", "看"):
        with pytest.raises(Refusal, match="理由"):
            actions.reveal(reason=reason, **given)
    assert not Event.objects.exists()
    assert actions.reveal(reason="核对赔付账户", case="claims.run:1", **given) == NUMBER
    event = Event.objects.get()
    assert (event.verb, event.subject_id, event.reason) == ("vault.revealed", str(person.pk), "核对赔付账户")
    assert event.changed_names == ("archive.number",) and was(event, "after", {"archive.number": person.number})
    with pytest.raises(RuntimeError), transaction.atomic():
        actions.reveal(reason="核对赔付账户", **given)
    assert Event.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_broken_value_is_not_revealed() -> None:
    person = somebody()
    broken = store(person, "number", stored(person, "number")[:-1] + b"?")
    with pytest.raises(Refusal, match="未通过校验"):
        actions.reveal(sealed=broken.number, subject=person, stamp=STAMP, reason="核对赔付账户", now=NOW)
