"""How values are shown in templates: {% load shell %}."""

from __future__ import annotations

import datetime as dt
from functools import cache, lru_cache

from django import template
from django.forms import BaseForm
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from fengqiao.portal.shell import words
from fengqiao.portal.shell.browsers import browser_text
from fengqiao.portal.shell.listing import Cell

register = template.Library()
SPRITE = "shell/vendor/tabler-icons-3.51.0/sprite.svg"

register.filter("day", words.day_text)
register.filter("moment", words.moment_text)
register.filter("yuan", words.amount_text)
register.filter("large_yuan", words.large_amount_text)
register.filter("both_yuan", words.both_amounts_text)
register.filter("count", words.count_text)
register.filter("size", words.size_text)
register.filter("masked", words.masked)

STATES = {
    "good": "circle-check",
    "warning": "alert-triangle",
    "bad": "circle-x",
    "waiting": "clock",
    "running": "progress",
    "quiet": "circle-dashed",
}


SHORT = 13
"""Texts below this length are not broken into lines."""


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """A drawing; with a label it speaks for itself, without it is silent for read-aloud."""
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}#{}"/></svg>', label, _sprite(), name
        )
    return _silent(name)


@cache
def _sprite() -> str:
    """Found once: a page has dozens of drawings."""
    return static(SPRITE)


@lru_cache(maxsize=256)
def _silent(name: str) -> SafeString:
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>', _sprite(), name
    )


@register.simple_tag
def state(kind: str, text: str) -> SafeString:
    """A state as a sign and a word, never by colour alone; kinds: good, warning, bad, waiting, running, quiet."""
    kind = kind if kind in STATES else "quiet"
    return format_html('<span class="state state-{}">{}{}</span>', kind, icon(STATES[kind]), text)


@register.simple_tag
def cell(shown: Cell) -> SafeString:
    """A cell of a list; in Python, because a page has hundreds."""
    column = shown.column
    if shown.url:
        inner = format_html('<a href="{}">{}</a>', shown.url, shown.text)
    elif column.kind == "state":
        inner = state(shown.sign, shown.text)
    else:
        inner = format_html("<span>{}</span>", shown.text)
    width = " number" if column.number else " short" if len(shown.text) < SHORT else ""
    return format_html(
        '<td role="cell" data-label="{}" class="kind-{}{}{}">{}</td>',
        column.title, column.kind, width, " none" if shown.text == words.NOTHING else "", inner,
    )  # fmt: skip


@register.simple_tag
def due(moment: dt.datetime | None, now: dt.datetime | None = None) -> SafeString:
    """When something is due and how long that is: overdue and near ones say so with a sign."""
    if moment is None:
        return format_html("{}", words.NOTHING)
    now = now or timezone.now()
    kind = "bad" if moment < now else "warning" if moment - now < dt.timedelta(days=3) else "waiting"
    exact = format_html('<time datetime="{}">{}</time>', moment.isoformat(), words.day_text(moment))
    return format_html('{} <span class="due-day">{}</span>', state(kind, words.left_text(moment, now)), exact)


@register.simple_tag
def machine_time(value: dt.date | dt.datetime) -> str:
    """The value of a datetime attribute."""
    return value.isoformat()


@register.simple_tag(takes_context=True)
def again(context: template.RequestContext, name: str) -> str:
    """The words of a block once more: the title of a page is also its heading and the last of its crumbs."""
    blocks = context.render_context.get(BLOCK_CONTEXT_KEY)
    block = blocks.get_block(name) if blocks else None
    return block.nodelist.render(context) if block else ""


@register.filter
def error_count(form: BaseForm) -> int:
    """How many things a person has to correct."""
    return sum(len(found) for found in form.errors.values())


@register.filter
def browser(agent: str) -> str:
    """Which device it is."""
    return browser_text(agent)


@register.filter
def asks_password(form: BaseForm) -> bool:
    """Whether something has to be typed again: passwords are never sent back."""
    return any(getattr(field.field.widget, "input_type", "") == "password" for field in form.visible_fields())


@register.simple_tag
def url_or_none(name: str) -> str:
    """The address of a page by name; nothing for no name."""
    return reverse(name) if name else ""
