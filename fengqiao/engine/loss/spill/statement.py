"""What a run with a memory limit will use, said before it begins."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from fengqiao.engine.loss.spill.limit import shown


@dataclass(frozen=True)
class DiskUse:
    """memory: the limit. rows: of all files, about. partitions, disk: 0 where nothing is spilled. folder: of the
    spilled records. free: bytes free there. resumed: an earlier run's work is gone on with. jobs: threads that fit."""

    memory: int
    jobs: int
    rows: int
    partitions: int = 0
    disk: int = 0
    free: int = 0
    folder: str = ""
    resumed: bool = False

    def record(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)

    def __str__(self) -> str:
        if not self.partitions:
            return (
                f"--memory {shown(self.memory)}: the records are ordered by investor and are measured as they are "
                "read, without use of the disk (无需临时磁盘空间)."
            )
        if self.resumed:
            return (
                f"--memory {shown(self.memory)}: going on with what an earlier run left in {self.folder} "
                f"(继续上次的测算), {self.partitions} partitions."
            )
        return (
            f"--memory {shown(self.memory)}: about {self.rows:,} records go through {self.partitions} partitions on "
            f"the disk, about {shown(self.disk)} in {self.folder} ({shown(self.free)} free) (临时磁盘空间)."
        )
