"""What must hold for every page, measured in the browser itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import expect

PATIENCE = 30_000
"""Milliseconds that a window waits for what must come: machines that test are often busy."""
BEFORE = "data-before"
FACTS = (Path(__file__).parent / "facts.js").read_text(encoding="utf-8")


def leave_by(page: Any, button: Any) -> None:
    """Press what leads to another page, and wait until that page is there: the old one carries a mark, the new one
    does not. Asked at once a window may still show, and say it has loaded, the old one."""
    page.locator("html").evaluate(f"e => e.setAttribute({BEFORE!r}, '')")
    button.click()
    expect(page.locator(f"html[{BEFORE}]")).to_have_count(0, timeout=PATIENCE)
    page.wait_for_load_state("load")


def problems_of(facts: dict[str, Any], *, elder: bool) -> list[str]:
    """What is wrong with a page by its measures."""
    found = []
    least = 60 if elder else 44
    for markup, width, height in facts["targets"]:
        if height < least - 0.5 or width < least - 0.5:
            found.append(f"a target of {width:.0f} x {height:.0f} px, at least {least}: {markup}")
    if facts["overflow"] > 0:
        found.append(f"the page is {facts['overflow']} px too wide")
    if facts["header"] > 2 * least:
        found.append(f"the head of the page takes {facts['header']:.0f} px: one line is enough")
    if facts["h1"] != 1 or not facts["heading"].strip():
        found.append(f"{facts['h1']} first headings")
    if facts["lang"] != "zh-CN":
        found.append(f"language {facts['lang']!r}")
    if len(facts["purpose"].strip()) < 8:
        found.append("no first line that says what the page is for")
    if len(facts["help"].strip()) < 10:
        found.append("no help text")
    if elder and facts["font"] < 20:
        found.append(f"letters of {facts['font']} px in elder mode")
    return found
