"""What a browser calls itself, in the words people know their devices by."""

from __future__ import annotations

BROWSERS = (
    ("MicroMessenger/", "微信"), ("DingTalk/", "钉钉"), ("AlipayClient/", "支付宝"), ("QQBrowser/", "QQ浏览器"),
    ("UCBrowser/", "UC浏览器"), ("HuaweiBrowser/", "华为浏览器"), ("MiuiBrowser/", "小米浏览器"), ("QIHU", "360浏览器"),
    ("Edg/", "Edge"), ("EdgA/", "Edge"), ("EdgiOS/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("HeadlessChrome/", "Chrome"),
    ("Safari/", "Safari"),
)  # fmt: skip
"""The more special first: most of them also call themselves what comes later."""
MACHINES = (
    ("HarmonyOS", "鸿蒙手机或者平板"), ("OpenHarmony", "鸿蒙手机或者平板"), ("iPhone", "苹果手机"),
    ("iPad", "苹果平板"), ("Android", "安卓手机或者平板"), ("Windows", "Windows 电脑"), ("Macintosh", "苹果电脑"),
    ("Linux", "Linux 电脑"),
)  # fmt: skip


def browser_text(agent: str) -> str:
    """Browser and machine, such as 微信，安卓手机或者平板; what is not known stands as it is.

    >>> browser_text(
    ...     "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0"
    ... )
    'Edge，Windows 电脑'
    """
    browser = next((name for sign, name in BROWSERS if sign in agent), "")
    machine = next((name for sign, name in MACHINES if sign in agent), "")
    return "，".join(part for part in (browser, machine) if part) or agent[:100] or "未说明"
