"""Draw what the portal looks like: three people of the demo at a desk and on phones, side by side in one picture.

Needs the demo (`make demo`, or `fengqiao demo --no-serve`) and Chromium.
"""

from __future__ import annotations

import io
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[1]
PICTURE = Path(__file__).parent / "pictures" / "portal.png"
FENGQIAO = [sys.executable, "-m", "fengqiao.cli.main", "demo"]
DESK, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 860}
GAP, COLOURS = 40, 128
WORD = re.compile(r"(?:[a-z2-7]{4}-){3}[a-z2-7]{4}")


def accounts(demo: Path) -> dict[str, str]:
    """Logins of the demo with their passwords, as it prints them."""
    said = subprocess.run([*FENGQIAO, "--dir", str(demo), "--no-serve"], capture_output=True, text=True, check=True)
    lines = [line.split() for line in said.stdout.splitlines() if WORD.search(line)]
    found = {}
    for words in lines:
        place = next(number for number, word in enumerate(words) if WORD.fullmatch(word))
        found[words[place - 1]] = words[place]
    return found


def code(demo: Path, login: str) -> str:
    """The code that is asked for now."""
    done = subprocess.run([*FENGQIAO, "--dir", str(demo), "--code", login], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@contextmanager
def served(demo: Path) -> Iterator[str]:
    """The demo's portal on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [*FENGQIAO, "--dir", str(demo), "--port", str(port)], stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20).close()
                break
            except OSError:
                time.sleep(0.5)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=60)


def come_in(page: Page, address: str, demo: Path, login: str, password: str) -> None:
    """Log in as a person does: the password, then the code."""
    page.goto(f"{address}/login/")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", password)
    page.click("main button[type=submit]")
    page.wait_for_load_state()
    if page.locator("input[name=code]").count():
        page.fill("input[name=code]", code(demo, login))
        page.locator("main form:has(input[name=code]) button[type=submit]").first.click()
        page.wait_for_url(f"{address}/")


def seen(browser: Browser, size: dict[str, int], demo: Path, address: str, login: str, *, elder: bool) -> Image.Image:
    """The start page of somebody."""
    context = browser.new_context(viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai")
    page = context.new_page()
    come_in(page, address, demo, login, accounts(demo)[login])
    page.goto(f"{address}/")
    if elder and not page.locator("html.elder").count():
        page.locator("details.who summary").click()
        page.locator(".who-menu form[action*=elder] button").click()
        page.wait_for_selector("html.elder")
    picture = Image.open(io.BytesIO(page.screenshot()))
    context.close()
    return picture.convert("RGB")


def main(demo: Path) -> None:
    """A mediator at a desk, an investor on a phone, another one in elder mode."""
    with served(demo) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--headless", "--no-sandbox"]
        )
        parts = [
            seen(browser, DESK, demo, address, "mediator", elder=False),
            seen(browser, PHONE, demo, address, "investor", elder=False),
            seen(browser, PHONE, demo, address, "investor-b", elder=True),
        ]
        browser.close()
    width = sum(part.width for part in parts) + GAP * (len(parts) + 1)
    whole = Image.new("RGB", (width, parts[0].height + 2 * GAP), "#dfe6e7")
    left = GAP
    for part in parts:
        whole.paste(part, (left, GAP))
        left += part.width + GAP
    whole.quantize(COLOURS).save(PICTURE, optimize=True)
    print(f"{PICTURE.relative_to(ROOT)}: {PICTURE.stat().st_size // 1024} kB")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "demo")
