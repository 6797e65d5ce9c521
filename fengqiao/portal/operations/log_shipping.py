"""Lines of the log to another machine, by syslog over TLS (RFC 5425): what happened here can be read there, whatever
becomes of this machine. The lines stand on standard error all the same.
"""

from __future__ import annotations

import atexit
import logging
import os
import queue
import socket
import ssl
import threading
import time
from datetime import UTC, datetime
from urllib.parse import urlsplit

from prometheus_client import Counter

from fengqiao.portal import figures

PORT = 6514
CONNECT = 10.0
MOST_WAITING = 10_000
"""Lines kept while the other machine is away; later ones are counted and go to standard error only."""
PAUSES = (1.0, 2.0, 5.0, 15.0, 30.0)
FACILITY = 13  # log audit
SEVERITY = {"DEBUG": 7, "INFO": 6, "WARNING": 4, "ERROR": 3, "CRITICAL": 2}
LOST = Counter("fengqiao_log_lines_lost_total", "Lines that could not be sent to the other machine")


def framed(record: logging.LogRecord, text: str) -> bytes:
    """One message of RFC 5424 in the frame of RFC 5425."""
    at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    priority = FACILITY * 8 + SEVERITY.get(record.levelname, 6)
    head = f"<{priority}>1 {at} {socket.gethostname()} fengqiao {os.getpid()} {record.name[:32]} - "
    message = head.encode("ascii", "replace") + b"\xef\xbb\xbf" + text.encode()
    return str(len(message)).encode() + b" " + message


class ShippingHandler(logging.Handler):
    """Hands lines to a thread that sends them. Whoever logs never waits for the network."""

    def __init__(self, url: str, authority: str = "") -> None:
        super().__init__()
        place = urlsplit(url)
        self.host, self.port = place.hostname or "", place.port or PORT
        self.authority = authority
        self.waiting: queue.Queue[bytes] = queue.Queue(MOST_WAITING)
        self.link: ssl.SSLSocket | None = None
        self.process = 0
        self.starting = threading.Lock()
        self.ending = threading.Event()
        atexit.register(self.finish)

    def emit(self, record: logging.LogRecord) -> None:
        """Put the line into the queue; a full one costs the line there, not the work here."""
        try:
            self.waiting.put_nowait(framed(record, self.format(record)))
        except queue.Full:
            figures.add(LOST.inc)
            return
        self.start()

    def start(self) -> None:
        """One sending thread a process; a process that was forked has none yet."""
        with self.starting:
            if self.process != os.getpid():
                self.process, self.link = os.getpid(), None
                threading.Thread(target=self.send_all, name="log shipping", daemon=True).start()

    def send_all(self) -> None:
        """Send line by line; what fails is sent again on a new connection."""
        failures = 0
        while True:
            line = self.waiting.get()
            while True:
                try:
                    self.send(line)
                    failures = 0
                    break
                except OSError:
                    self.drop()
                    if self.ending.is_set():
                        figures.add(LOST.inc)
                        break
                    time.sleep(PAUSES[min(failures, len(PAUSES) - 1)])
                    failures += 1
            self.waiting.task_done()

    def send(self, line: bytes) -> None:
        """One line, on the connection that is open or on a new one."""
        if self.link is None:
            self.link = self.connected()
        self.link.sendall(line)

    def connected(self) -> ssl.SSLSocket:
        """A connection whose other end has proved who it is."""
        context = ssl.create_default_context(cafile=self.authority or None)
        plain = socket.create_connection((self.host, self.port), CONNECT)
        try:
            return context.wrap_socket(plain, server_hostname=self.host)
        except OSError:
            plain.close()
            raise

    def drop(self) -> None:
        """Give the connection up."""
        if self.link is not None:
            self.link.close()
            self.link = None

    def finish(self, within: float = 3.0) -> None:
        """Before the process ends: what waits gets a little time."""
        self.ending.set()
        until = time.monotonic() + within
        while self.waiting.unfinished_tasks and self.process == os.getpid() and time.monotonic() < until:
            time.sleep(0.05)
