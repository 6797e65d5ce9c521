"""The compiled kernel: built once by Numba, kept as an object file, loaded in milliseconds without importing Numba.

The object file is kept beside the package, or in the user's cache directory where the package cannot be written. Its
name holds a digest of the kernels' sources, of the compiler version and of the processor, so that it never outlives
what it was made from. Without a cache the kernel is compiled in the process, which takes some forty seconds.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import IO, Any

import llvmlite
from llvmlite import binding as llvm

HERE = Path(__file__).parent
SOURCES = (
    "ddouble.py", "kernel_layout.py", "kernel_walk.py", "kernel_counted.py", "kernel_settle.py", "kernel_award.py",
    "kernel_fees.py", "kernels.py", "rows.py", "kernel_grouping.py", "kernel_cells.py", "kernel_page_headers.py",
    "kernel_pages.py", "grid/layout.py", "grid/pointers.py", "grid/kernel_totals.py", "grid/kernel_trunk.py",
    "grid/kernel_grid.py", "kernel_spill.py", "kernel_names.py", "native.py",
)  # fmt: skip
LOADING = threading.Lock()
POINTER, INTEGER = ctypes.c_void_p, ctypes.c_int64

Native = Callable[..., int]


def kernels() -> dict[str, Native]:
    """The compiled kernels by name; each releases the GIL while it runs and returns an integer.

    Arguments are integers and addresses of C-contiguous arrays (`array.ctypes.data`), in the order of the kernel.
    """
    with LOADING:
        return _kernels()


@cache
def _kernels() -> dict[str, Native]:
    _initialise()
    code = _kept()
    if code is None:
        with _alone():
            code = _kept()  # made by another process while this one waited
            if code is None:
                code = build()
                _store(code)
    return _load(code)


def _kept() -> bytes | None:
    for directory in _directories():
        with suppress(OSError):
            return (directory / _name()).read_bytes()
    return None


@contextmanager
def _alone() -> Iterator[None]:
    """One process at a time: the others wait for what it keeps. Where nothing can be kept, each compiles its own."""
    turn = _turn()
    try:
        yield
    finally:
        if turn:
            turn.close()


def _turn() -> IO[bytes] | None:
    import fcntl

    for directory in _directories():
        with suppress(OSError):
            directory.mkdir(parents=True, exist_ok=True)
            turn = (directory / "kernels.lock").open("ab")
            fcntl.flock(turn, fcntl.LOCK_EX)
            return turn
    return None


def is_compiled() -> bool:
    """True if the kernels need not be compiled first."""
    _initialise()
    return any((directory / _name()).is_file() for directory in _directories())


def _initialise() -> None:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()


def _directories() -> list[Path]:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return [HERE / "__pycache__", Path(home) / "fengqiao"]


@cache
def _name() -> str:
    digest = hashlib.sha256()
    for source in SOURCES:
        digest.update((HERE / source).read_bytes())
    features = llvm.get_host_cpu_features().flatten()
    for part in (llvmlite.__version__, sys.platform, llvm.get_host_cpu_name(), features):
        digest.update(part.encode())
    return f"kernels-{digest.hexdigest()[:32]}.o"


def build() -> bytes:
    """Compile the kernels with Numba; the result starts with a line of symbol names."""
    from fengqiao.engine.loss import (
        kernel_cells,
        kernel_fees,
        kernel_grouping,
        kernel_names,
        kernel_page_headers,
        kernel_pages,
        kernel_spill,
        kernels,
    )
    from fengqiao.engine.loss.ddouble import without_wrappers
    from fengqiao.engine.loss.grid import kernel_grid

    wanted: dict[str, tuple[Any, Any]] = {
        "measure": (kernels.measure, kernels.MEASURE),
        "recorded_fees": (kernel_fees.recorded_fees, kernel_fees.FEES),
        "pack_rows": (kernel_grouping.pack_rows, kernel_grouping.PACK),
        "unpack_rows": (kernel_grouping.unpack_rows, kernel_grouping.UNPACK),
        "price_units": (kernel_cells.price_units, kernel_cells.UNITS),
        "clock_ticks": (kernel_cells.clock_ticks, kernel_cells.TICKS),
        "outside": (kernel_cells.outside, kernel_cells.WITHIN),
        "outside_short": (kernel_cells.outside_short, kernel_cells.WITHIN_SHORT),
        "scan_pages": (kernel_page_headers.scan_pages, kernel_page_headers.SCAN),
        "page_body": (kernel_pages.page_body, kernel_pages.UNPACK_PAGE),
        "texts": (kernel_pages.texts, kernel_pages.TEXTS),
        **{name: (kernel_pages.spread, signature) for name, signature in kernel_pages.SPREAD.items()},
        "measure_grid": (kernel_grid.measure_grid, kernel_grid.GRID),
        "ranges": (kernel_grid.ranges, kernel_grid.RANGES),
        "pairs": (kernel_grid.pairs, kernel_grid.PAIRS),
        **kernel_spill.WANTED,
        **kernel_names.WANTED,
    }
    with without_wrappers():
        return _linked(wanted)


def _linked(wanted: Mapping[str, tuple[Any, Any]]) -> bytes:
    linked, names = None, []
    for name, (dispatcher, signature) in wanted.items():
        dispatcher.compile(signature)
        overload = dispatcher.overloads[tuple(signature.args)]
        symbol = overload.fndesc.llvm_func_name
        names.append(f"{name}={symbol}")
        module = _only(overload.library.get_llvm_str(), symbol)
        if linked is None:
            linked = module
        else:
            linked.link_in(module)
    head = (";".join(names) + "\n").encode()
    return head + bytes(_machine().emit_object(linked))


def _only(assembly: str, symbol: str) -> Any:
    """The module with one function visible: what serves calls from Python objects is dropped."""
    module = llvm.parse_assembly(assembly)
    for item in [*module.functions, *module.global_variables]:
        if item.name != symbol and not item.is_declaration:
            item.linkage = "internal"
    tuning = llvm.create_pipeline_tuning_options(speed_level=3)
    builder = llvm.create_pass_builder(_machine(), tuning)
    passes = llvm.create_new_module_pass_manager()
    passes.add_global_dead_code_eliminate_pass()
    passes.run(module, builder)
    return module


def _machine() -> Any:
    target = llvm.Target.from_default_triple()
    return target.create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=llvm.get_host_cpu_features().flatten(), opt=3, jit=True, reloc="default"
    )


def _store(code: bytes) -> None:
    for directory in _directories():
        try:
            directory.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=directory, delete=False) as file:
                file.write(code)
            Path(file.name).chmod(0o644)
            for outdated in directory.glob("kernels-*.o"):
                outdated.unlink(missing_ok=True)
            Path(file.name).replace(directory / _name())
        except OSError:
            continue
        return


def _load(code: bytes) -> dict[str, Native]:
    head, _, body = code.partition(b"\n")
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _machine())
    engine.add_object_file(llvm.ObjectFileRef.from_data(body))
    engine.finalize_object()
    found = {}
    for pair in head.decode().split(";"):
        name, _, symbol = pair.partition("=")
        found[name] = _callable(engine, engine.get_function_address(symbol))
    return found


def _callable(engine: Any, address: int) -> Native:
    def call(*arguments: int) -> int:
        kinds = [INTEGER if index == 0 else POINTER for index in range(len(arguments))]
        function = ctypes.CFUNCTYPE(ctypes.c_int32, POINTER, POINTER, *kinds)(address)
        result, trouble = ctypes.c_int64(), POINTER()
        status = function(ctypes.addressof(result), ctypes.addressof(trouble), *arguments)
        if status:
            raise SystemError(f"kernel ended with status {status}")
        return result.value

    call.engine = engine  # type: ignore[attr-defined]  # keeps the code in memory
    return call


def address(array: Any) -> int:
    """Address of a C-contiguous numpy array for the kernels."""
    return int(array.ctypes.data)
