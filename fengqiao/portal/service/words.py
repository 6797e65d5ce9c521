"""What people agree to when they confirm where they are served, under a version that the confirmation names."""

from __future__ import annotations

VERSION = "2026-2"
FOR_WARD = "我是{ward}的法定代理人（{relation}），以下由我代{ward}确认；送到我确认的地址，即为送达{ward}。"
ELECTRONIC = (
    "我同意以电子方式接收送达的文书。我确认的电子送达地址是：{addresses}。"
    "文书信息到达上述任何一个地址所在的系统，即为送达，以最先到达的时间为准；我打开文书的，至迟在打开时已经送达。"
    "期限可能自送达之日起计算。"
)
NOT_ELECTRONIC = "我不同意电子送达，请把文书送到下列邮寄地址。"
POST = "邮寄地址：{address}，收件人：{name}。"
DESIGNEE = "我指定{designee}为代收人；送到其平台账号的，即为送达{whom}。"
SCOPE = "适用于{scope}；在后续程序中没有书面变更的，继续适用。"
DUTY = (
    "地址有变更的，我会及时在平台上重新确认，或者书面告知；没有告知的，按原地址送达。"
    "我可以随时撤回对电子送达的同意，撤回不影响此前的送达。"
)


def confirmed(
    *, electronic: bool, addresses: list[str], post_address: str, name: str, designee: str, case: str, ward: str = "",
    relation: str = "",
) -> str:  # fmt: skip
    """The whole text of a confirmation, with masked numbers; the whole ones are kept sealed beside it."""
    parts = [FOR_WARD.format(ward=ward, relation=relation)] if ward else []
    parts.append(ELECTRONIC.format(addresses="、".join(addresses)) if electronic else NOT_ELECTRONIC)
    if post_address:
        parts.append(POST.format(address=post_address, name=name))
    if designee:
        parts.append(DESIGNEE.format(designee=designee, whom=ward or "我本人"))
    parts.append(SCOPE.format(scope=f"案件 {case}" if case else f"{ward or '我'}在本平台的全部事项"))
    return "\n".join([*parts, DUTY])
