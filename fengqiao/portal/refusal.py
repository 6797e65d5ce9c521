"""What is said when something cannot be done. Beside the apps, so that also those before the shell can say it."""

from __future__ import annotations


class Refusal(Exception):  # noqa: N818 - it is the answer to a request, not a fault of the program
    """Something that may not or cannot be done: what happened, why, what to do next, in one Chinese sentence or two."""

    status = 400
    title = "这一步没有完成"
    again_in: int | None = None
    """Seconds after which it is worth asking again."""

    def __init__(self, sentence: str, *, status: int | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.status = status or self.status


class Conflict(Refusal):
    """Somebody else was quicker: the row is no longer as the person saw it."""

    status = 409
    title = "内容已被他人更新"


class TooLarge(Refusal):
    """More was sent than is taken."""

    status = 413
    title = "文件太大"
