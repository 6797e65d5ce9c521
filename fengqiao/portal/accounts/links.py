"""Links with a token, in messages: the token is taken at the first visit, and the page has an address without it.

So it stands in no history, no referrer and no second line of a proxy's log. The session keeps what the database keeps
of it, its digest: a link that was replaced or has run out opens nothing any more, whoever came by it before.
"""

from __future__ import annotations

from django.http import HttpRequest

from fengqiao.portal.refusal import Refusal

HELD = "links"
MOST = 20


class LinkNeeded(Refusal):
    """Somebody is at the page of a link without having come by it: told alike whether there is such a page or not."""

    status = 404
    title = "请从链接进入"

    def __init__(self) -> None:
        super().__init__(
            "这一页没有打开：它要从收到的链接进入，或者距上次打开链接已经太久。请重新点开消息里的链接；"
            "仍然打不开的，请检查浏览器是否禁用了 Cookie，或者联系发来链接的机构。"
        )


def hold(request: HttpRequest, kind: str, number: int, digest: str) -> None:
    """This session came by the link of this kind with this digest."""
    held = {key: value for key, value in request.session.get(HELD, {}).items() if key != f"{kind} {number}"}
    request.session[HELD] = dict([*held.items(), (f"{kind} {number}", digest)][-MOST:])


def digest_held(request: HttpRequest, kind: str, number: int) -> str:
    """The digest of the link by which this session came to this page."""
    found = request.session.get(HELD, {}).get(f"{kind} {number}")
    if found is None:
        raise LinkNeeded
    return str(found)
