"""Changing keys while people work, after a kill, with both ciphers; and what the key files refuse."""

from __future__ import annotations

import datetime as dt
import json
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from fengqiao.portal.audit.models import Event
from fengqiao.portal.audit.stamp import system_stamp
from fengqiao.portal.audit.verification import verify
from fengqiao.portal.keystore import KeyMissingError, KeyStore, KeyStoreError, Use, key_store
from fengqiao.portal.vault import rotation
from fengqiao.portal.vault.fields import lookup
from fengqiao.portal.vault.sealed import open_sealed
from fengqiao.portal.vault.tests.archive.models import Person
from tests.second_process import command, start

NOW = dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.UTC)
STAMP = system_stamp("command")


@pytest.fixture(autouse=True)
def _own_keys(settings: Any, tmp_path: Path) -> None:
    settings.KEY_FOLDER = tmp_path / "keys"


def number_of(person: int) -> str:
    """A made-up number; its check digit is not right."""
    return f"110101190001{person:05d}" + "?"


def people(count: int) -> list[Person]:
    """That many people, sealed with the current keys."""
    return Person.objects.bulk_create(
        [Person(name=f"I{n:04d}", number=number_of(n), phone=f"1380000{n:04d}") for n in range(count)]
    )


def everybody_is_there(count: int) -> None:
    """Every value opens and is found."""
    for n, person in enumerate(Person.objects.order_by("name")):
        assert (open_sealed(person.number), open_sealed(person.phone)) == (number_of(n), f"1380000{n:04d}")
        assert Person.objects.get(lookup(Person, "number", number_of(n))) == person
    assert Person.objects.count() == count


def new(use: Use, algorithm: str | None = None) -> str:
    """A new current key."""
    return rotation.make_key(use=use, algorithm=algorithm, stamp=STAMP, now=NOW).id


@pytest.mark.django_db
@pytest.mark.parametrize("to", ["aes-256-gcm", "sm4-gcm"])
def test_everything_is_sealed_anew_and_the_old_keys_retire(to: str) -> None:
    people(30)
    somebody = Person.objects.create(name="I9999", number=number_of(9999), phone="")
    old = {use: key_store().current(use).id for use in (Use.SEAL, Use.INDEX)}
    assert rotation.usage() == {old[Use.SEAL]: 61, old[Use.INDEX]: 61}
    seal, index = new(Use.SEAL, to), new(Use.INDEX)
    assert Person.objects.get(lookup(Person, "number", number_of(7))).name == "I0007", (
        "found while both keys are in use"
    )
    for key_id in old.values():
        with pytest.raises(KeyStoreError, match="还有 61 个值"):
            rotation.retire_key(key_id=key_id, stamp=STAMP, now=NOW)
    done = rotation.rotate(stamp=STAMP, now=NOW)
    assert (done.values, done.overtaken, done.broken) == (61, 0, [])
    assert rotation.usage() == {seal: 61, index: 61}
    assert rotation.rotate(stamp=STAMP, now=NOW).values == 0
    for key_id in old.values():
        rotation.retire_key(key_id=key_id, stamp=STAMP, now=NOW)
    somebody.delete()
    everybody_is_there(30)
    verbs = list(Event.objects.values_list("verb", flat=True))
    assert verbs == ["vault.key_made"] * 2 + ["vault.rotated"] + ["vault.key_retired"] * 2
    with pytest.raises(KeyStoreError, match="当前密钥"):
        rotation.retire_key(key_id=seal, stamp=STAMP, now=NOW)
    with pytest.raises(KeyStoreError, match="不能停用"):
        rotation.retire_key(key_id=key_store().current(Use.AUDIT).id, stamp=STAMP, now=NOW)


@pytest.mark.django_db
def test_saving_an_object_read_before_the_change_seals_it_with_the_new_key() -> None:
    people(1)
    person = Person.objects.get()
    key = new(Use.SEAL)
    person.save()
    assert rotation.usage()[key] == 2


@pytest.mark.django_db
def test_a_value_that_cannot_be_opened_is_named_and_left() -> None:
    people(3)
    broken = Person.objects.order_by("pk")[1]
    blob = broken.number.blob
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE archive_person SET number = %s WHERE id = %s", [blob[:-1] + bytes([blob[-1] ^ 1]), broken.pk]
        )
    new(Use.SEAL)
    done = rotation.rotate(stamp=STAMP, now=NOW)
    assert (done.values, done.broken) == (5, [f"archive_person.number {broken.pk}"])


@pytest.mark.django_db
def test_what_somebody_wrote_after_it_was_read_is_not_written_over() -> None:
    """Between the reading of a batch and its writing: the new value stays, and the row is looked at again."""
    people(3)
    new(Use.SEAL), new(Use.INDEX)
    field, done = Person._meta.get_field("phone"), rotation.Rotated()
    row = tuple(Person.objects.order_by("pk").values_list("pk", "phone", rotation.ROW, "phone_index")[0])
    person = Person.objects.get(pk=row[0])
    person.phone = "139" + "00000009"
    person.save()
    rotation.reseal(field, row, done)
    assert (done.values, done.overtaken) == (0, 1)
    person.refresh_from_db()
    assert open_sealed(person.phone) == "139" + "00000009"
    assert Person.objects.get(lookup(Person, "phone", "139" + "00000009")) == person


WRITER = """
import sys
from fengqiao.portal.vault.tests.archive.models import Person
sys.stdin.readline()
turn = 0
while True:
    turn += 1
    for person in Person.objects.order_by("pk")[:20]:
        person.phone = f"139{turn:04d}" + person.name[1:]
        person.save(update_fields=["phone", "phone_index"])
    print(turn, flush=True)
"""


@pytest.mark.django_db(transaction=True)
def test_rotation_while_somebody_writes_loses_nothing_and_goes_on_after_a_kill() -> None:
    people(400)
    old = key_store().current(Use.SEAL).id
    writer = start(WRITER)
    assert writer.stdin and writer.stdout
    writer.stdin.write("\n")
    writer.stdin.flush()
    assert writer.stdout.readline() == "1\n"
    new(Use.SEAL, "sm4-gcm"), new(Use.INDEX)
    connection.close()
    killed = start(
        "from fengqiao.portal.vault import rotation; rotation.BATCH = 5\n"
        "from fengqiao.portal.audit.stamp import system_stamp; import datetime as dt\n"
        "rotation.rotate(stamp=system_stamp('command'), now=dt.datetime.now(dt.UTC),"
        " progress=lambda name, count: print(name, flush=True))"
    )
    assert killed.stdout
    for _ in range(10):
        assert killed.stdout.readline()
    killed.kill()
    killed.communicate(timeout=60)
    left = rotation.usage()[old]
    assert 0 < left < 800, "stopped in the middle"
    connection.close()
    done = command("keys", "rotate")
    assert done.returncode == 0, done.stdout + done.stderr
    while int(writer.stdout.readline()) < 3:
        time.sleep(0)
    writer.kill()
    writer.communicate(timeout=60)
    assert old not in rotation.usage()
    for n, person in enumerate(Person.objects.order_by("pk")):
        phone = open_sealed(person.phone)
        assert open_sealed(person.number) == number_of(n)
        assert phone.startswith("139") if n < 20 else phone == f"1380000{n:04d}"
        assert person in Person.objects.filter(lookup(Person, "phone", phone))
    assert command("keys", "retire", old).returncode == 0
    assert verify().sound


@pytest.mark.django_db(transaction=True)
def test_the_commands_show_no_secret_and_say_what_to_do() -> None:
    people(2)
    connection.close()
    made = command("keys", "new", "--cipher", "sm4-gcm")
    assert made.returncode == 0 and "加密，sm4-gcm" in made.stdout
    listed = command("keys", "list")
    assert listed.returncode == 0 and listed.stdout.count("当前") == 4 and " 4\n" in listed.stdout
    secrets = [
        json.loads(path.read_text())["secret"] for path in key_store().folder.glob("*.json") if path.stem != "current"
    ]
    assert len(secrets) == 5 and not [secret for secret in secrets if secret in listed.stdout + made.stdout]
    unknown = command("keys", "retire", "00000000")
    assert unknown.returncode == 2 and "找不到密钥 00000000" in unknown.stderr and len(unknown.stderr.splitlines()) == 1
    assert command("keys", "rotate").stdout.startswith("改用当前密钥的值：4。")
    assert command("keys", "rotate").stdout == "所有的值都已使用当前密钥。\n"


# -- files


def test_keys_are_files_for_the_owner_only(tmp_path: Path) -> None:
    store = KeyStore(tmp_path / "keys")
    key = store.current(Use.SEAL)
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "keys").glob("*.json")} == {0o600}
    assert "secret" not in repr(key) and key.secret.hex() not in f"{key!r}{key}"
    (tmp_path / "keys" / f"{key.id}.json").chmod(0o644)
    with pytest.raises(KeyStoreError, match="chmod 600"):
        KeyStore(tmp_path / "keys").current(Use.SEAL)


def test_a_running_store_notices_new_keys_and_lost_ones(tmp_path: Path) -> None:
    one, other = KeyStore(tmp_path), KeyStore(tmp_path)
    first = one.current(Use.SEAL)
    assert other.current(Use.SEAL).id == first.id
    second = other.new(Use.SEAL, algorithm="sm4-gcm", now=NOW)
    assert one.current(Use.SEAL) == second and one.get(first.id) == first
    other.retire(first.id)
    with pytest.raises(KeyMissingError, match="已停用"):
        one.get(first.id)
    with pytest.raises(KeyMissingError, match="找不到"):
        one.get("ffffffff")
    (tmp_path / f"{second.id}.json").unlink()
    with pytest.raises(KeyMissingError, match="从密钥备份中恢复"):
        KeyStore(tmp_path).current(Use.SEAL)
    for content in ("{", "{}", json.dumps({"id": second.id, "use": "seal", "algorithm": "rot13"})):
        (tmp_path / f"{second.id}.json").write_text(content)
        (tmp_path / f"{second.id}.json").chmod(0o600)
        with pytest.raises(KeyStoreError, match="已损坏"):
            KeyStore(tmp_path).current(Use.SEAL)
