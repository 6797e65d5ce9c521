"""A small server that speaks clamd's protocol, in a process of its own: PING and INSTREAM, with EICAR's string as its
only signature. Arguments: the path of its socket; the largest stream it takes."""

from __future__ import annotations

import socket
import sys

SIGNATURE = b"EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!"


def exactly(link: socket.socket, count: int) -> bytes:
    got = b""
    while len(got) < count:
        piece = link.recv(count - len(got))
        if not piece:
            raise ConnectionError
        got += piece
    return got


def answer(link: socket.socket, largest: int) -> bytes:
    command = b""
    while not command.endswith(b"\0"):
        command += exactly(link, 1)
    if command == b"zPING\0":
        return b"PONG\0"
    if command != b"zINSTREAM\0":
        return b"UNKNOWN COMMAND\0"
    data = b""
    while size := int.from_bytes(exactly(link, 4), "big"):
        data += exactly(link, size)
        if len(data) > largest:
            return b"INSTREAM size limit exceeded. ERROR\0"
    return b"stream: Eicar-Test-Signature FOUND\0" if SIGNATURE in data else b"stream: OK\0"


def main(path: str, largest: int) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()
        print("ready", flush=True)
        while True:
            link, _ = server.accept()
            with link:
                try:
                    link.sendall(answer(link, largest))
                except OSError:
                    continue


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
