"""What an examination comes to."""

from __future__ import annotations

from dataclasses import dataclass


class Refused(Exception):  # noqa: N818 - it is an answer, not a fault
    """The file may not come in. The sentence goes on from its name: why, and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True)
class Verdict:
    """The file may come in. said: what people are told when something in it was made harmless."""

    kind: str
    pages: int = 0
    """Pages that can be shown."""
    said: str = ""


BROKEN = "它已损坏或不完整，按它的格式读不下去。请用原来的软件打开后重新保存或导出，再上传。"
"""What is said of a file that cannot be read to its end."""
