"""Passwords that others know, or can guess from what is known of a person."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import random
import tomllib
from pathlib import Path
from typing import Any

import django
import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from fengqiao.engine.errors import InputError
from fengqiao.portal.accounts import known_passwords as known
from fengqiao.portal.accounts.models import User
from fengqiao.portal.environment import read_environment

WELL_KNOWN = Path(django.__file__).parent / "contrib" / "auth" / "common-passwords.txt.gz"
MOBILE = "139" + "00000001"
FREE = ("correct horse battery staple", "一段只有我自己知道的话", "Mu4-lan-hua-Kai-le", "vR8!kq20Zp_w")


def test_the_list_is_the_one_that_is_described_and_larger_than_the_standard_asks() -> None:
    said = tomllib.loads(known.HOUSE_LIST.with_suffix(".toml").read_text(encoding="utf-8"))["result"]
    content = known.HOUSE_LIST.read_bytes()
    assert hashlib.sha256(content).hexdigest() == said["sha256"]
    rows = [content[at : at + known.WIDTH] for at in range(0, len(content), known.WIDTH)]
    assert rows == sorted(set(rows)), "the search needs them in order"
    assert len(rows) == said["passwords"] >= 3000


def objections(password: str) -> set[str | None]:
    """What the portal, as it is set up, has against a password."""
    try:
        validate_password(password)
    except ValidationError as error:
        return {one.code for one in error.error_list}
    return set()


def test_every_common_password_that_is_long_enough_is_refused() -> None:
    with gzip.open(WELL_KNOWN, "rt", encoding="utf-8") as file:
        words = file.read().split()
    long_enough = [word for word in words if len(word) >= known.SHORTEST]
    assert len(long_enough) > 1500
    assert not [word for word in long_enough if "known_password" not in objections(word)]
    assert "known_password" in objections("Qwertyuiop")
    assert not [word for word in FREE if objections(word)]


def leaked(folder: Path, words: list[str]) -> Path:
    lines = sorted(hashlib.sha1(word.encode()).hexdigest().upper() for word in words)
    path = folder / "leaked.txt"
    path.write_text("".join(f"{line}:{len(line)}\n" for line in lines), encoding="ascii")
    return path


@pytest.mark.parametrize("how_many", [0, 1, 2, 3, 500])
def test_every_line_of_a_leaked_file_is_found_and_nothing_else(tmp_path: Path, how_many: int) -> None:
    chance = random.Random(how_many)
    words = [f"leaked {chance.random()}" for _ in range(how_many)]
    path = leaked(tmp_path, words)
    assert [word for word in words if not known.in_leaked_file(word, path)] == []
    assert not [n for n in range(200) if known.in_leaked_file(f"other {n}", path)]


def test_the_operators_file_is_asked(tmp_path: Path, settings: Any) -> None:
    validate_password(FREE[0])
    path = leaked(tmp_path, [*FREE[:1], "another one of them"])
    settings.ENVIRONMENT = dataclasses.replace(settings.ENVIRONMENT, leaked_passwords=path)
    with pytest.raises(ValidationError, match="已经公开泄露"):
        validate_password(FREE[0])
    validate_password(FREE[1])


def test_a_file_that_is_not_there_is_said_at_the_start(tmp_path: Path) -> None:
    given = {"FENGQIAO_HOME": str(tmp_path), "FENGQIAO_LEAKED_PASSWORDS": str(tmp_path / "nothing")}
    with pytest.raises(InputError, match="FENGQIAO_LEAKED_PASSWORDS"):
        read_environment(given)


@pytest.mark.parametrize(
    "word",
    [
        MOBILE, f"a{MOBILE}", "wo19900307", "1990年3月07日ab", "Lin1990-03-07", "11010119900307" + "0011",
        "woaini1314520", "Gupiao123456", "zhongguo5201314", "测算员甲密码期货股票",
    ],
)  # fmt: skip
def test_what_is_known_of_a_person_and_what_many_choose_is_refused(word: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(word, User(username="t", name="测算员甲"))


@pytest.mark.parametrize("word", [*FREE, f"{MOBILE} 和一只猫的家", "Gupiao-bu-zai-mai-le"])
def test_what_has_enough_besides_is_taken(word: str) -> None:
    validate_password(word, User(username="somebody", name="测算员甲"))
