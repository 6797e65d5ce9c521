"""Passwords made of words that everybody here knows: the names of the house, its work, its hotline."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError

HOUSE_WORDS = (
    "fengqiao", "枫桥", "12386", "csrc", "investor", "mediator", "mediation", "tiaojie", "touzizhe", "zhengquan",
    "susong", "sunshi", "admin", "password", "mima", "投资者", "调解", "证券", "损失", "测算", "密码", "法院", "管理员",
)  # fmt: skip
LEFT_AT_LEAST = 6
"""How many signs a password must have besides these words."""
SENTENCE = "密码主要由平台常用的词（如 fengqiao、12386、调解）组成，容易被猜到。请加入别的内容，或者换一个。"


class HouseWordsValidator:
    """Refuses passwords of which little is left without the words of the house."""

    def validate(self, password: str, user: object = None) -> None:
        """ValidationError when it is too easy."""
        words = sorted((*HOUSE_WORDS, str(getattr(user, "username", "") or "\0")), key=len, reverse=True)
        left = re.sub("|".join(map(re.escape, words)), "", password, flags=re.IGNORECASE)
        if left != password and len(left) < LEFT_AT_LEAST:
            raise ValidationError(SENTENCE, code="house_word")

    def get_help_text(self) -> str:
        """Beside the field."""
        return "不要只用平台的名称、岗位、热线等常见的词。"
