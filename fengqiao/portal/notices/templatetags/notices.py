"""The bell in the head of every page."""

from __future__ import annotations

from typing import Any

from django import template

from fengqiao.portal.notices import queries

register = template.Library()


@register.simple_tag
def unread_notices(acting: Any) -> int:
    """How many messages the person at the screen has not opened."""
    return queries.unread(acting)
