"""Pages behind the last row, while rows come in and go: nothing that was there all the time is left out or doubled."""

from __future__ import annotations

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fengqiao.portal.accounts.models import Organisation
from fengqiao.portal.refusal import Refusal
from fengqiao.portal.shell.interface import page

pytestmark = pytest.mark.django_db


def more(names: list[str]) -> list[Organisation]:
    """Rows that come in."""
    return [Organisation.objects.create(kind="firm", name=f"经营机构 {name}") for name in names]


@given(
    there=st.integers(0, 12),
    limit=st.integers(1, 5),
    meanwhile=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 11)), max_size=8),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_was_there_all_the_time_is_read_once(there: int, limit: int, meanwhile: list[tuple[int, int]]) -> None:
    """meanwhile: after each page, how many come in, and which of those that were there goes."""
    with transaction.atomic():
        rows = Organisation.objects.filter(name__startswith="经营机构 ")
        first = more([f"0-{number}" for number in range(there)])
        stay, read = {one.pk for one in first}, []
        cursor, changes = "", list(meanwhile)
        while cursor is not None:
            found, cursor = page(rows, cursor=cursor, limit=limit, about="test")
            assert len(found) <= limit
            read += [one.pk for one in found]
            if changes:
                coming, going = changes.pop()
                more([f"{len(changes) + 1}-{number}" for number in range(coming)])
                if going < there:
                    stay.discard(first[going].pk)
                    Organisation.objects.filter(pk=first[going].pk).delete()
        assert read == sorted(set(read)), "none twice, in their order"
        assert stay <= set(read), "none left out"
        transaction.set_rollback(True)


def test_a_mark_of_something_else_is_refused() -> None:
    more(["a", "b"])
    _, cursor = page(Organisation.objects.all(), cursor="", limit=1, about="one")
    assert cursor
    for wrong, about in ((cursor, "another"), (cursor[:-2], "one"), ("x", "one"), (":", "one")):
        with pytest.raises(Refusal, match="分页标记 cursor 无效"):
            page(Organisation.objects.all(), cursor=wrong, limit=1, about=about)
