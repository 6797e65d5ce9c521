"""Pointers into the middle of an array, for kernels that read several parameter blocks out of one."""

from __future__ import annotations

from typing import Any

from numba import types
from numba.extending import intrinsic


@intrinsic  # type: ignore[untyped-decorator]
def shifted(typingctx: Any, pointer: Any, places: Any) -> Any:
    """The pointer that many elements further on."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.gep(args[0], [args[1]])

    return pointer(pointer, types.int64), codegen
