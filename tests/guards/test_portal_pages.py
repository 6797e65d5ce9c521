"""Templates keep to the page's pattern and to the strict CSP; what was taken from others is as it was taken."""

from __future__ import annotations

import hashlib
import re
import tomllib

import django
from django.urls import URLPattern, URLResolver, get_resolver

from tests.browser.visits import NO_PAGE, VISITS
from tests.guards.test_dependencies import acceptable
from tests.guards.tree import ROOT, files, say, text

VENDOR = "fengqiao/portal/shell/static/shell/vendor"
BASES = ("shell/page.html", "shell/narrow.html", "shell/list_page.html")
BLOCK = re.compile(r"{%\s*block (\w+)\s*%}(.*?){%\s*endblock", re.DOTALL)
EXTENDS = re.compile(r"{%\s*extends ['\"]([^'\"]+)['\"]")
INLINE = {
    "an inline script": re.compile(r"<script(?![^>]*\b(?:src=|type=\"application/json\"))", re.IGNORECASE),
    "an inline style": re.compile(r"<style\b|\sstyle\s*=", re.IGNORECASE),
    "a handler in an attribute": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "something from elsewhere": re.compile(r"(?:src|href|action)\s*=\s*['\"](?:https?:)?//", re.IGNORECASE),
    "unescaped output": re.compile(r"\|\s*safe\b|{%\s*autoescape off"),
}


def templates() -> list[str]:
    """All templates of the portal."""
    return [name for name in files() if name.startswith("fengqiao/portal/") and "/templates/" in name]


def breaks_the_csp(content: str) -> list[str]:
    """What a page may not hold."""
    return [what for what, pattern in INLINE.items() if pattern.search(content)]


def lacks(content: str) -> list[str]:
    """Blocks that a page must fill and does not."""
    base = EXTENDS.search(content)
    if not base or base[1] not in BASES:
        return []
    filled = {name for name, body in BLOCK.findall(content) if re.sub(r"\s|{%.*?%}", "", body) or "{% " in body}
    wanted = {"title", "purpose", "help"} - ({"title"} if base[1] == "shell/list_page.html" else set())
    return [] if content.strip().startswith("{% extends") and not wanted - filled else sorted(wanted - filled)


def addresses() -> set[str]:
    """The names of all addresses, with their apps."""
    django.setup()
    found: set[str] = set()

    def walk(patterns: list[URLPattern | URLResolver], prefix: str) -> None:
        for item in patterns:
            if isinstance(item, URLResolver):
                walk(item.url_patterns, f"{prefix}{item.namespace}:" if item.namespace else prefix)
            else:
                found.add(f"{prefix}{item.name}" if item.name else f"no name: {item.pattern}")

    walk(get_resolver("fengqiao.portal.urls").url_patterns, "")
    return found


def test_templates_obey_the_csp() -> None:
    problems = [f"{name}: {what}" for name in templates() for what in breaks_the_csp(text(name) or "")]
    assert not problems, say(problems, "use a class and a file below static/; data for scripts with json_script.")


def test_every_page_says_what_it_is_for_and_helps() -> None:
    found = {name: lacks(text(name) or "") for name in templates()}
    assert len(found) > 10
    ours = {name for name in found if not name.endswith(tuple(f"/{base}" for base in BASES))}
    problems = [f"{name}: no {block}" for name in sorted(ours) for block in found[name]]
    assert not problems, say(problems, "fill the blocks title, purpose (first line) and help of shell/page.html.")


def test_every_address_is_looked_at_by_a_browser() -> None:
    known, visited = addresses(), {visit.name for visit in VISITS}
    problems = [f"{name} has no line" for name in sorted(known - visited - set(NO_PAGE))]
    problems += [f"{name} is no address" for name in sorted((visited | set(NO_PAGE)) - known)]
    problems += [f"{name} stands in both" for name in sorted(visited & set(NO_PAGE))]
    assert not problems, say(problems, "add it to VISITS in tests/browser/visits.py, or to NO_PAGE with the reason.")


def test_what_was_taken_is_as_it_was_taken() -> None:
    assets = tomllib.loads((ROOT / VENDOR / "vendor.toml").read_text(encoding="utf-8"))["asset"]
    listed = {
        f"{VENDOR}/{asset['folder']}/{name}": digest for asset in assets for name, digest in asset["sha256"].items()
    }
    there = {name for name in files() if name.startswith(f"{VENDOR}/") and not name.endswith("vendor.toml")}
    problems = [f"{name} is not in vendor.toml" for name in sorted(there - listed.keys())]
    problems += [f"{name} is not there" for name in sorted(listed.keys() - there)]
    for name in sorted(there & listed.keys()):
        if hashlib.sha256((ROOT / name).read_bytes()).hexdigest() != listed[name]:
            problems.append(f"{name} is not what vendor.toml says")
    for asset in assets:
        problems += [] if "LICENSE" in asset["sha256"] else [f"{asset['name']} has no licence file"]
        if not acceptable(asset["licence"].replace("0BSD", "BSD")):
            problems.append(f"{asset['name']}: {asset['licence']}")
        if asset["version"] not in asset["folder"]:
            problems.append(f"{asset['folder']} does not name version {asset['version']}")
    assert not problems, say(problems, "see docs/recipes/vendored_assets.md.")


def test_no_source_maps_or_fonts_are_shipped() -> None:
    problems = [name for name in files() if "/static/" in name and name.endswith((".map", ".woff", ".woff2", ".ttf"))]
    assert not problems, say(problems, "take it out; pages use the fonts of the person's own system.")


def test_these_guards_can_fail() -> None:
    for line in (
        "<script>x</script>",
        '<p style="a">',
        "<style>",
        '<a onclick="x">',
        '<img src="//x/y">',
        "{{ x|safe }}",
    ):
        assert breaks_the_csp(line), line
    for line in ('<script src="a.js" defer>', '<script id="x" type="application/json">', '<p class="style">'):
        assert not breaks_the_csp(line), line
    page = "{% extends 'shell/page.html' %}{% block title %}a{% endblock %}{% block purpose %}b{% endblock %}"
    assert lacks(page) == ["help"]
    assert lacks(page + "{% block help %} {% endblock %}") == ["help"]
    assert not lacks(page + "{% block help %}c{% endblock %}")
