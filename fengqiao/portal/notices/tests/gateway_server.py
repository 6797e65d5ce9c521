"""A gateway of short messages in a process of its own, with the faults that gateways have.

python gateway_server.py FOLDER: writes its port to FOLDER/port; reads FOLDER/mode before every answer:
good, error (500), slow (keeps it, answers too late), error_after (keeps it, then 500), refuse (422), twice (the same
answer two times), twice_differing (then a refusal with another number); adds a line to FOLDER/sent for every message
that goes out to a telephone, one to FOLDER/asked for every request.
"""

from __future__ import annotations

import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

FOLDER = Path(sys.argv[1] if __name__ == "__main__" else ".")
KNOWN: dict[str, str] = {}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # the connection stays: a second answer would be read as that to the next request

    def answer(self, status: int, body: dict[str, str]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        key, mode = self.headers["Idempotency-Key"], (FOLDER / "mode").read_text().strip()
        add("asked", {"how": "POST", "key": key})
        if mode == "error":
            self.answer(500, {})
            return
        if mode == "refuse":
            self.answer(422, {})
            return
        if key not in KNOWN:
            KNOWN[key] = f"g{len(KNOWN) + 1}"
            add("sent", {"key": key, **body})
        if mode == "slow":
            time.sleep(3)
        self.answer(500 if mode == "error_after" else 200, {"id": KNOWN[key]})
        if mode == "twice":
            self.answer(200, {"id": KNOWN[key]})
        if mode == "twice_differing":
            self.answer(422, {"id": "other"})

    def do_GET(self) -> None:
        key = self.path.rpartition("/")[2]
        add("asked", {"how": "GET", "key": key})
        self.answer(200 if key in KNOWN else 404, {"id": KNOWN.get(key, "")})

    def log_message(self, *_: object) -> None:
        """Quiet."""


def add(name: str, values: dict[str, str]) -> None:
    with (FOLDER / name).open("a", encoding="utf-8") as file:
        file.write(json.dumps(values, ensure_ascii=False) + "\n")


class Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Quiet: portals that hang up are part of the tests."""


if __name__ == "__main__":
    server = Server(("127.0.0.1", int(sys.argv[2])), Handler)
    (FOLDER / "port").write_text(str(server.server_port))
    server.serve_forever()
