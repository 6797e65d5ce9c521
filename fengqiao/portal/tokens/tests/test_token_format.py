"""How a token is spelt: every slip is seen, nothing else passes for one."""

from __future__ import annotations

import hashlib
import string

from hypothesis import given
from hypothesis import strategies as st

from fengqiao.portal.tokens import token_format
from fengqiao.portal.tokens.token_format import ALPHABET, CHECKSUM_LENGTH, LENGTH, PATTERN, SECRET_BITS, SECRET_LENGTH

PLACES = st.integers(0, LENGTH - 1)


def test_a_new_one_is_read_back_and_keeps_only_its_digest() -> None:
    text, kept = token_format.make()
    assert token_format.read(text) == kept
    assert kept.digest == hashlib.sha256(text.encode()).hexdigest()
    assert text.startswith(f"fq_{kept.prefix}_")
    assert len(text) == LENGTH == 61
    assert PATTERN.search(f'key = "{text}"').group() == text  # type: ignore[union-attr] - as scanners look for it


def test_the_secret_has_room_for_all_its_bits() -> None:
    assert len(ALPHABET) ** SECRET_LENGTH >= 2**SECRET_BITS > len(ALPHABET) ** (SECRET_LENGTH - 1)
    assert token_format.spelt(2**SECRET_BITS - 1, SECRET_LENGTH) != token_format.spelt(0, SECRET_LENGTH)


def test_two_are_never_alike() -> None:
    made = [token_format.make() for _ in range(500)]
    assert len({text for text, _ in made}) == len({kept.prefix for _, kept in made}) == 500
    assert set("".join(text[12:-CHECKSUM_LENGTH] for text, _ in made)) == set(ALPHABET)


@given(PLACES, st.sampled_from(ALPHABET))
def test_one_wrong_sign_anywhere_is_seen(place: int, sign: str) -> None:
    text, _ = token_format.make()
    changed = text[:place] + sign + text[place + 1 :]
    assert (token_format.read(changed) is None) == (changed != text)


@given(st.integers(0, LENGTH - 2))
def test_two_neighbours_changed_round_are_seen(place: int) -> None:
    text, _ = token_format.make()
    changed = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    assert (token_format.read(changed) is None) == (changed != text)


@given(st.integers(0, LENGTH - 1), st.text(st.sampled_from(string.printable), max_size=3))
def test_what_was_cut_or_has_more_at_its_ends_is_none(length: int, more: str) -> None:
    text, _ = token_format.make()
    assert token_format.read(text[:length]) is None
    assert (token_format.read(text + more) is None) == bool(more)
    assert (token_format.read(more + text) is None) == bool(more)


@given(st.text(max_size=80))
def test_anything_else_is_none_and_breaks_nothing(text: str) -> None:
    assert token_format.read(text) is None
