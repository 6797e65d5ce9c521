"""Compiling the kernels: one process at a time, and without what nobody calls."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from numba import types

from fengqiao.engine.loss import ddouble, native


def test_who_compiles_second_waits_for_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "_directories", lambda: [tmp_path / "file", tmp_path / "folder"])
    (tmp_path / "file").touch()
    order: list[str] = []

    def second() -> None:
        begun.set()
        with native._alone():
            order.append("second")

    begun = threading.Event()
    waiting = threading.Thread(target=second)
    with native._alone():
        waiting.start()
        assert begun.wait(20)
        waiting.join(0.2)
        order.append("first")
    waiting.join(20)
    assert order == ["first", "second"]


def test_kernels_are_called_from_python_after_they_were_compiled_without_wrappers() -> None:
    signature = types.UniTuple(types.float64, 2)(types.float64, types.float64)
    fresh = ddouble.kernel(ddouble.renormalise.py_func)  # the kernel itself may have been called by now
    try:
        with ddouble.without_wrappers():
            fresh.compile(signature)
            assert "cpython" not in fresh.overloads[signature.args].library.get_llvm_str()
        assert fresh(1.0, 2.0**-60) == (1.0, 2.0**-60)
        assert "cpython" in fresh.overloads[signature.args].library.get_llvm_str()
    finally:
        ddouble.KERNELS.remove(fresh)
