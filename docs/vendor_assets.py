"""Puts the icons named in vendor.toml into one sprite, and writes the checksums of all vendored files anew.

    python docs/vendor_assets.py FOLDER

FOLDER holds the unpacked package of @tabler/icons; without it only the checksums are written.
See docs/recipes/vendored_assets.md.
"""

from __future__ import annotations

import hashlib
import re
import sys
import tomllib
from pathlib import Path

VENDOR = Path(__file__).parents[1] / "fengqiao/portal/shell/static/shell/vendor"
LIST = VENDOR / "vendor.toml"


def sprite(names: list[str], icons: Path) -> str:
    """One SVG file with a symbol an icon; strokes and sizes are set by the style sheet of the page."""
    symbols = []
    for name in sorted(names):
        drawing = (icons / "icons" / "outline" / f"{name}.svg").read_text(encoding="utf-8")
        inner = re.sub(r'<path stroke="none"[^>]*/>', "", drawing.partition(">")[2].removesuffix("</svg>\n"))
        inner = " ".join(inner.replace("</svg>", "").split())
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{inner}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def main() -> None:
    """Draw the sprite when the icons are at hand; then the checksums."""
    text = LIST.read_text(encoding="utf-8")
    for asset in tomllib.loads(text)["asset"]:
        if "icons" in asset and len(sys.argv) > 1:
            target = VENDOR / asset["folder"] / "sprite.svg"
            target.write_text(sprite(asset["icons"], Path(sys.argv[1])), encoding="utf-8")
        for name in asset["sha256"]:
            found = hashlib.sha256((VENDOR / asset["folder"] / name).read_bytes()).hexdigest()
            line = f'"{name}" = "{{}}"  # {asset["name"]}\n'
            text = text.replace(line.format(asset["sha256"][name]), line.format(found))
    LIST.write_text(text, encoding="utf-8")


main()
