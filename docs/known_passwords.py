"""Makes the list of known passwords anew: python docs/known_passwords.py LIST.txt (one a line, the most common first).

The lists that were taken, and their licences, stand in fengqiao/portal/accounts/data/known_passwords.toml.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fengqiao.portal.accounts.known_passwords import SHORTEST, WIDTH, digest_of

HERE = Path(__file__).parents[1] / "fengqiao" / "portal" / "accounts" / "data"


def main(paths: list[str]) -> None:
    """Write the sorted digests of all passwords that are long enough to be chosen here."""
    words = {
        word
        for path in paths
        for word in Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
        if len(word) >= SHORTEST
    }
    digests = sorted({digest_of(word) for word in words})
    (HERE / "known_passwords.bin").write_bytes(b"".join(digests))
    print(f"{len(digests)} passwords, {len(digests) * WIDTH} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
