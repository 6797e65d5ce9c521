"""Lines of the log reach another machine, which has to prove who it is; when it is away, nothing here waits."""

from __future__ import annotations

import logging
import time
from pathlib import Path

import pytest

from fengqiao.engine.errors import InputError
from fengqiao.portal.environment import read_environment
from fengqiao.portal.operations import log_shipping, logs
from fengqiao.portal.operations.log_shipping import ShippingHandler
from fengqiao.portal.operations.tests.tls import Listener, certificate, lasting_port


def handler(port: int, authority: Path | str) -> ShippingHandler:
    made = ShippingHandler(f"syslogs://127.0.0.1:{port}", str(authority))
    made.setFormatter(logs.PlainFormatter())
    return made


def say(to: ShippingHandler, text: str) -> None:
    to.handle(logging.makeLogRecord({"name": "fengqiao.security", "levelname": "WARNING", "msg": text}))


def arrives(listener: Listener, text: str, within: float = 10.0) -> bool:
    until = time.monotonic() + within
    while time.monotonic() < until:
        if text.encode() in bytes(listener.got):
            return True
        time.sleep(0.02)
    return False


def test_a_line_arrives_whole_in_its_frame_and_without_numbers(tmp_path: Path) -> None:
    public, both = certificate(tmp_path)
    with Listener(both) as listener:
        say(handler(listener.port, public), "拒绝 " + "139" + "00000001")
        assert arrives(listener, "[号码]")
        length, _, rest = bytes(listener.got).partition(b" ")
        assert int(length) == len(rest), "the frame says how long the message is"
        assert rest.startswith(b"<108>1 20"), "log audit, warning, version 1"
        assert ("139" + "00000001") not in rest.decode()


def test_whoever_cannot_prove_to_be_the_log_server_gets_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_shipping, "PAUSES", (0.05,))
    _, both = certificate(tmp_path)
    with Listener(both) as listener:
        sender = handler(listener.port, "")  # no root of theirs is known here
        say(sender, "geheim")
        assert not arrives(listener, "geheim", within=1.0)
        assert not listener.got
        assert sender.waiting.unfinished_tasks == 1, "it is kept for when the right one is there"


def test_what_was_said_while_it_was_away_arrives_afterwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_shipping, "PAUSES", (0.05,))
    public, both = certificate(tmp_path)
    port = lasting_port()
    sender = handler(port, public)
    began = time.monotonic()
    for number in range(20):
        say(sender, f"line {number};")
    assert time.monotonic() - began < 1.0, "nobody waits for it"
    with Listener(both, port) as listener:
        assert arrives(listener, "line 19;")
        text = bytes(listener.got).decode()
        assert [f"line {n};" in text for n in range(20)] == [True] * 20


def test_too_many_lines_are_counted_and_cost_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_shipping, "MOST_WAITING", 5)
    monkeypatch.setattr(ShippingHandler, "start", lambda self: None)
    sender = handler(9, "")
    before = log_shipping.LOST._value.get()
    for number in range(8):
        say(sender, f"{number}")
    assert sender.waiting.qsize() == 5
    assert log_shipping.LOST._value.get() - before == 3


@pytest.mark.parametrize("url", ["syslog://logs.example", "https://logs.example", "syslogs://"])
def test_an_address_without_tls_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(InputError, match="FENGQIAO_LOG_URL"):
        read_environment({"FENGQIAO_HOME": str(tmp_path), "FENGQIAO_LOG_URL": url})


def test_the_settings_send_everything_away_when_there_is_somewhere() -> None:
    assert "away" not in logs.settings("INFO")["handlers"]
    made = logs.settings("INFO", "syslogs://logs.example:6514")
    assert made["root"]["handlers"] == made["loggers"]["django"]["handlers"] == ["lines", "away"]
