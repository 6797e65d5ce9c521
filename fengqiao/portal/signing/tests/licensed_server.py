"""A signing service and a time-stamp authority as others run them: real HTTP on this machine, with faults to order."""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import json
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from asn1crypto import keys, tsp
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from fengqiao.portal.signing.authority import Authority, fill, plain
from fengqiao.portal.signing.stamping import TestTimeStamper

TOKEN = "token-of-tests"


class Licensed:
    """What the server holds: an authority of its own, and what goes wrong next."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        fill(self.folder, dt.datetime.now(dt.UTC))
        self.authority = Authority(self.folder)
        self.form = "raw"
        self.faults: list[str] = []
        """Each request takes one: down, slow, garbage, refuse, cut, another (name, digest), or nothing."""
        self.always = ""
        self.asked: list[str] = []
        self.made: dict[str, dict[str, Any]] = {}
        """Answers by key: one key, one signature."""
        self.keys: dict[str, tuple[Any, Any]] = {}
        self.lock = threading.Lock()

    def fault(self) -> str:
        with self.lock:
            return self.faults.pop(0) if self.faults else self.always

    def answer(self, path: str, key: str, asked: dict[str, Any], fault: str) -> dict[str, Any]:
        with self.lock:
            if key in self.made:
                return self.made[key]
            self.made[key] = self.credential(asked, fault) if path == "/credentials" else self.signature(asked, fault)
            return self.made[key]

    def credential(self, asked: dict[str, Any], fault: str) -> dict[str, Any]:
        name = "投资者丙" if fault == "another" else asked["name"]
        made, key = self.authority.issue(name, asked["role"], dt.datetime.fromisoformat(asked["at"]))
        handle = f"c{len(self.keys)}"
        self.keys[handle] = (made, key)
        chain = [base64.b64encode(one.public_bytes(Encoding.DER)).decode() for one in (made, self.authority.root)]
        return {"credential": handle, "form": self.form, "chain": chain}

    def signature(self, asked: dict[str, Any], fault: str) -> dict[str, Any]:
        certificate, key = self.keys[asked["credential"]]
        digest = base64.b64decode(asked["digest"])
        if fault == "another":
            digest = bytes(reversed(digest))
        if asked["form"] == "raw":
            made = key.sign(digest, ec.ECDSA(utils.Prehashed(hashes.SHA256())))
            return {"signature": base64.b64encode(made).decode()}
        return {"cms": base64.b64encode(self.cms(certificate, key, digest)).decode()}

    def cms(self, certificate: Any, key: Any, digest: bytes) -> bytes:
        from pyhanko.sign.signers.pdf_cms import SimpleCertificateStore, SimpleSigner

        store = SimpleCertificateStore()
        store.register_multiple([plain(self.authority.root)])
        private = keys.PrivateKeyInfo.load(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
        signer = SimpleSigner(plain(certificate), private, store)
        return bytes(asyncio.run(signer.async_sign(digest, "sha256", use_pades=True)).dump())

    def stamp(self, body: bytes, fault: str) -> bytes:
        request = tsp.TimeStampReq.load(body)
        if fault == "another":
            request["message_imprint"]["hashed_message"] = bytes(32)
        late = dt.datetime.now(dt.UTC) - dt.timedelta(hours=3) if fault == "late" else None
        return bytes(TestTimeStamper(self.authority, late).answer(request).dump())


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Server

    def do_POST(self) -> None:
        held, body = self.server.held, self.rfile.read(int(self.headers.get("Content-Length", 0)))
        held.asked.append(self.path)
        fault = held.fault()
        if fault == "slow":
            time.sleep(1.0)
        if fault == "cut":
            self.close_connection = True
        elif fault in ("down", "refuse"):
            self.say(503 if fault == "down" else 422, "text/plain", b"")
        elif fault == "garbage":
            self.say(200, "application/json", b"<html>")
        elif self.path == "/tsa":
            self.say(200, "application/timestamp-reply", held.stamp(body, fault))
        elif self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self.say(401, "text/plain", b"")
        else:
            got = held.answer(self.path, self.headers["Idempotency-Key"], json.loads(body), fault)
            self.say(200, "application/json", json.dumps(got).encode())

    def say(self, status: int, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


class Server(ThreadingHTTPServer):
    """The server with what it holds."""

    daemon_threads = True

    def __init__(self) -> None:
        self.held = Licensed()
        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def roots_file(self) -> Path:
        """What the operator would put into FENGQIAO_SIGNING_ROOTS."""
        return self.held.folder / "root.pem"
