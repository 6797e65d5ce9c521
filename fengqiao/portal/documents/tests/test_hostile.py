"""Hostile files: refused, or made harmless, with a sentence; quickly, within bounds, and the portal lives on."""

from __future__ import annotations

import datetime as dt
import re
import resource
import time
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fengqiao.portal.accounts.acting import Acting, acting_for
from fengqiao.portal.accounts.models import Organisation, Role, User
from fengqiao.portal.documents import actions, examination, previews, store
from fengqiao.portal.documents.examining import process
from fengqiao.portal.documents.models import Content, Document
from fengqiao.portal.documents.tests.hostile import EITHER, HARMLESS, REFUSED, Hostile, hostile
from fengqiao.portal.refusal import Refusal

NOW = dt.datetime(2026, 11, 20, 1, 0, tzinfo=dt.UTC)
ANY = tuple(kind for kind in Content.Kind if kind != Content.Kind.OTHER)
CHINESE = re.compile("[一-鿿].*[。]")
SECONDS = 45.0
"""The longest that one file may take on a busy machine; the work itself is ended by its limits before."""
CHILD_KILOBYTES = 1_200_000
KILOBYTES: list[int] = []
"""What each fork used at most, as the system counted it."""
GROWTH_KILOBYTES = 300_000
"""By how much the portal's own process may grow over all the files."""


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    settings.ENVIRONMENT = SimpleNamespace(**{**vars(settings.ENVIRONMENT), "home": tmp_path})
    return tmp_path


@pytest.fixture
def someone(db: Any) -> Acting:
    body = Organisation.objects.create(kind=Organisation.Kind.FIRM, name="测试证券")
    user = User.objects.create_user("test-a", name="甲", joined_at=NOW)
    Role.objects.create(user=user, organisation=body, kind=Role.Kind.MEASURER, granted_at=NOW)
    return acting_for(user)


def keep(name: str, data: bytes, acting: Acting, number: int = 0, **more: Any) -> Document:
    incoming = store.Incoming()
    incoming.write(data)
    return actions.keep_incoming(
        incoming=incoming, digests=incoming.finish(), name=name, subject=("tests.thing", str(number)), kinds=ANY,
        acting=acting, now=NOW, **more,
    )  # fmt: skip


def fate(one: Hostile, acting: Acting, number: int) -> tuple[str, str]:
    """What becomes of a file: refused, harmless or kept; and the sentence."""
    try:
        document = keep(one.name, one.data, acting, number)
    except Refusal as refusal:
        return REFUSED, refusal.sentence
    content = document.content
    if content.said:
        previews.page_of(content, 1)
        return HARMLESS, content.said
    if content.kind in previews.PAGED:
        try:
            page = previews.page_of(content, 1)
        except Refusal as refusal:
            return HARMLESS, refusal.sentence
        assert page.read_bytes().startswith(b"\x89PNG")
    return "kept", ""


def walk(numbers: range, home: Path, acting: Acting) -> tuple[Counter[tuple[str, str]], float]:
    """Send them all; how many of each family had which fate, and the longest that one took."""
    fates: Counter[tuple[str, str]] = Counter()
    longest = 0.0
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in numbers:
        one = hostile(number)
        began = time.monotonic()
        found, sentence = fate(one, acting, number)
        longest = max(longest, time.monotonic() - began)
        where = f"{number}: {one.family}, {one.name}: {found} {sentence}"
        if found != "kept":
            assert CHINESE.search(sentence), where
        assert found == one.must or one.must == EITHER or (one.must == HARMLESS and found == REFUSED), where
        fates[one.family, found] += 1
    assert list((home / "files" / "incoming").glob("*")) == []
    assert list((home / "previews").glob("*/*.part")) == []
    assert longest < SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < GROWTH_KILOBYTES
    assert 0 < max(KILOBYTES) < CHILD_KILOBYTES
    assert process.running(), "the process that looks into files is there for the next one"
    return fates, longest


@pytest.fixture
def weighed(monkeypatch: Any) -> None:
    """Note what every fork uses."""
    ask = process.ask

    def asked(job: dict[str, Any]) -> dict[str, Any]:
        got = ask(job)
        KILOBYTES.append(got.get("kilobytes", 0))
        return got

    KILOBYTES.clear()
    monkeypatch.setattr(process, "ask", asked)


@pytest.mark.usefixtures("weighed")
def test_every_family_of_hostile_files_ten_times(home: Path, someone: Acting) -> None:
    fates, _ = walk(range(190), home, someone)
    print(f"forks at most {max(KILOBYTES) >> 10} MiB")
    assert len({family for family, _ in fates}) == 14
    assert sum(count for (_, found), count in fates.items() if found == REFUSED) > 125
    assert fates["acting PDF", HARMLESS] > 10
    assert fates["moving photo", HARMLESS] == 10


@pytest.mark.usefixtures("weighed")
@pytest.mark.long
def test_ten_thousand_hostile_files(home: Path, someone: Acting, capsys: Any) -> None:
    began = time.monotonic()
    fates, longest = walk(range(10_000), home, someone)
    assert fates.total() == 10_000
    with capsys.disabled():
        for (family, found), count in sorted(fates.items()):
            print(f"{family:16} {found:9} {count:6}")
        print(f"{time.monotonic() - began:.0f} s, longest {longest:.2f} s, forks at most {max(KILOBYTES) >> 10} MiB")


def test_the_same_number_gives_the_same_file() -> None:
    assert [hostile(n).data for n in range(19)] == [hostile(n).data for n in range(19)]


def test_what_hangs_dies_and_the_next_file_is_looked_at(home: Path, someone: Acting, monkeypatch: Any) -> None:
    from fengqiao.portal.documents.tests.hostile import good_pdf

    monkeypatch.setattr(examination, "OTHERS_SECONDS", 0)
    monkeypatch.setattr(examination, "SECONDS", {})
    with pytest.raises(Refusal, match="花的时间超过了限制"):
        keep("a.pdf", good_pdf(), someone)
    monkeypatch.undo()
    keep("a.pdf", good_pdf(), someone)


def test_a_killed_examiner_is_replaced(home: Path, someone: Acting) -> None:
    import os
    import signal

    from fengqiao.portal.documents.tests.hostile import good_pdf

    keep("a.pdf", good_pdf(), someone)
    for number in process.running():
        os.kill(number, signal.SIGKILL)
    made = keep("b.pdf", good_pdf(3), someone)
    assert (made.content.kind, made.content.pages, made.content.said) == ("pdf", 3, "")
