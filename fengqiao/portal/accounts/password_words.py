"""Passwords made of what everybody here knows, or of what others know of a person: names, dates, telephone numbers."""

from __future__ import annotations

import re

from django.contrib.auth.password_validation import MinimumLengthValidator, UserAttributeSimilarityValidator
from django.core.exceptions import ValidationError

HOUSE_WORDS = (
    "fengqiao", "枫桥", "12386", "csrc", "investor", "mediator", "mediation", "tiaojie", "touzizhe", "zhengquan",
    "susong", "sunshi", "admin", "password", "mima", "投资者", "调解", "证券", "损失", "测算", "密码", "法院", "管理员",
    "qihuo", "gupiao", "fayuan", "stock", "futures", "court", "welcome", "huanying", "期货", "股票", "赔偿", "peichang",
    "woaini", "654321", "5201314", "1314520", "zhongguo", "china", "qwerty", "asdfgh", "zxcvbn", "1qaz", "2wsx",
    "123456",
)  # fmt: skip
OF_A_PERSON = re.compile(
    r"1[3-9]\d{9}"  # a mobile
    r"|[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]"  # an identity number
    r"|(?:19|20)\d{2}[-./年]?(?:0?[1-9]|1[0-2])[-./月]?(?:0[1-9]|[12]\d|3[01])日?"  # a day
)
LEFT_AT_LEAST = 6
"""How many signs a password must have besides these."""
SENTENCE = "密码主要由平台常用的词（如 fengqiao、12386、调解）组成，容易被猜到。请加入别的内容，或者换一个。"
PERSON_SENTENCE = "密码主要由日期、手机号码或者证件号码组成，认识您的人容易猜到。请加入别的内容，或者换一个。"


class HouseWordsValidator:
    """Refuses passwords of which little is left without the words of the house, and without what is known of people."""

    def validate(self, password: str, user: object = None) -> None:
        """ValidationError when it is too easy."""
        own = (str(getattr(user, "username", "") or "\0"), str(getattr(user, "name", "") or "\0"))
        words = sorted((*HOUSE_WORDS, *own), key=len, reverse=True)
        apart = OF_A_PERSON.sub("", password)
        if apart != password and len(apart) < LEFT_AT_LEAST:
            raise ValidationError(PERSON_SENTENCE, code="personal_number")
        left = re.sub("|".join(map(re.escape, words)), "", apart, flags=re.IGNORECASE)
        if left != apart and len(left) < LEFT_AT_LEAST:
            raise ValidationError(SENTENCE, code="house_word")

    def get_help_text(self) -> str:
        """Beside the field."""
        return "不要只用平台的名称、岗位、热线等常见的词，也不要只用生日、手机号码。"


class UnlikeNamesValidator(UserAttributeSimilarityValidator):
    """Not the login name or the name again."""

    def get_help_text(self) -> str:
        """Beside the field."""
        return "不要与登录名、姓名相似。"


class LongEnoughValidator(MinimumLengthValidator):
    """Length is what makes it hard to guess."""

    def get_error_message(self) -> str:
        """In our words: Django's are not translated."""
        return f"密码太短：至少 {self.min_length} 个字符。可以用一句只有您知道的话。"

    def get_help_text(self) -> str:
        """Beside the field."""
        return f"至少 {self.min_length} 个字符；可以是一句只有您知道的话。"
