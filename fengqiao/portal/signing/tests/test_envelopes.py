"""Envelopes with SM2 and SM3: whoever else computes them finds the same; any key serves; nothing else passes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from gmssl import sm2
from hypothesis import given, settings
from hypothesis import strategies as st

from fengqiao.portal.signing import envelopes
from fengqiao.portal.signing.authority import SM2_ORDER


def pair(number: int) -> dict[str, str]:
    """The keys of a private number."""
    maker = sm2.CryptSM2(private_key="", public_key="")
    return {"private": f"{number:064x}", "public": str(maker._kg(number, maker.ecc_table["g"]))}


BEGINS_WITH_04 = 11
"""Its public key begins with the digits that stand for an uncompressed point."""


@given(data=st.binary(min_size=1, max_size=300))
@settings(max_examples=20, deadline=None)
def test_another_program_finds_that_an_envelope_holds(data: bytes) -> None:
    keys = pair(7)
    made = json.loads(envelopes.envelope(data, keys))
    checker = sm2.CryptSM2(private_key="", public_key=keys["public"])
    assert checker.verify_with_sm3(made["signature"], data)
    signed = sm2.CryptSM2(private_key=keys["private"], public_key=keys["public"]).sign_with_sm3(data, f"{5:064x}")
    assert envelopes.holds(data, json.dumps({**made, "signature": signed}).encode())


@pytest.mark.parametrize("number", [BEGINS_WITH_04, 1, SM2_ORDER - 2], ids=["begins with 04", "one", "largest"])
def test_any_key_serves(number: int) -> None:
    keys = pair(number)
    assert (number == BEGINS_WITH_04) == keys["public"].startswith("04")
    made = envelopes.envelope(b"agreement", keys)
    assert envelopes.holds(b"agreement", made)
    assert not envelopes.holds(b"Agreement", made)


@pytest.mark.parametrize(
    "change",
    [{"sm3": "0" * 64}, {"signature": f"{1:064x}{2:064x}"}, {"public_key": pair(8)["public"]}],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_envelope_does_not_hold(change: dict[str, Any]) -> None:
    made = json.loads(envelopes.envelope(b"agreement", pair(9)))
    assert not envelopes.holds(b"agreement", json.dumps({**made, **change}).encode())
