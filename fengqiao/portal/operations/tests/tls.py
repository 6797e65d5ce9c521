"""Certificates and a TLS server for tests: it keeps what it is told."""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
import socket
import ssl
import threading
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate that signs itself, for 127.0.0.1: its file, and the file with its key, too."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    public, both = folder / "certificate.pem", folder / "both.pem"
    text = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public.write_bytes(text)
    both.write_bytes(text + secret)
    return public, both


def lasting_port() -> int:
    """A free port that no outgoing connection is given: one that nobody listens on would at times meet itself there."""
    for port in range(20_000 + os.getpid() % 5_000, 30_000):
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return port
    raise OSError("no free port between 20000 and 30000")


@dataclass
class Listener:
    """Takes connections by TLS and keeps what comes in."""

    both: Path
    port: int = 0
    got: bytearray = field(default_factory=bytearray)
    closed: bool = False

    def __enter__(self) -> Listener:
        self.door = socket.create_server(("127.0.0.1", self.port))
        self.port = self.door.getsockname()[1]
        self.links: list[socket.socket] = []
        threading.Thread(target=self.listen, daemon=True).start()
        return self

    def listen(self) -> None:
        """One connection after the other, each in a thread."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.both)
        while not self.closed:
            try:
                plain, _ = self.door.accept()
                link = context.wrap_socket(plain, server_side=True)
            except OSError:
                continue
            self.links.append(link)
            threading.Thread(target=self.read, args=(link,), daemon=True).start()

    def read(self, link: socket.socket) -> None:
        """What comes on one connection."""
        try:
            while piece := link.recv(65536):
                self.got += piece
        except OSError:
            pass

    def __exit__(self, *_: object) -> None:
        self.closed = True
        self.door.close()
        for link in self.links:
            link.close()
