"""Documents rendered a second on one and on two processes, against the bare libraries in the same run.

    python -m benchmarks.forms

Every document has data of its own: nothing can be answered from a cache of results. Ours checks the data, lays the form
out and renders it. Bare is what the library alone does with what ours would hand it, made ready before: Typst's warm
compiler with the same source and inputs, docxtpl with the same template and values. Processes are warm, and start at
one sign; the four measurements of a round follow each other, and ratios are of one round, so that other work on the
machine weighs on both sides. Processor time says what a document costs whatever else the machine does.
"""

from __future__ import annotations

import argparse
import datetime as dt
import io
import itertools
import multiprocessing
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

HEAD = (
    "| documents | processes | documents a second | bare library | ratio | ratio by processor time "
    "| against one process | the same, each processor second |\n|---|---|---|---|---|---|---|---|"
)
FORM = "mediation_agreement"
DAY = dt.date(2026, 11, 20)
ROUNDS, SECONDS, READY = 5, 1.5, 400
KINDS = {"pdf": "PDF/A by Typst", "docx": "Word by docxtpl"}


def each_of_its_own(who: str) -> Iterator[dict[str, Any]]:
    """Data, no two alike; who: whose, as several processes make them."""
    from fengqiao.engine import forms

    sample = forms.sample(FORM)
    for number in itertools.count():
        yield sample | {"number": f"演示调〔2026〕{who}-{number}号", "facts": f"{sample['facts']}第{number}次买入。"}


def makers(who: str) -> dict[tuple[str, str], Callable[[], bytes]]:
    """What makes one document: by kind, ours and bare."""
    from docxtpl import DocxTemplate

    from fengqiao.engine import forms
    from fengqiao.engine.forms import pdf, word

    template, data = forms.get(FORM), each_of_its_own(who)
    inputs = itertools.cycle([pdf.inputs(template, one, DAY, draft=False) for one in itertools.islice(data, READY)])
    values = itertools.cycle([word.context(template, one, draft=False) for one in itertools.islice(data, READY)])

    def bare_word() -> bytes:
        document, out = DocxTemplate(io.BytesIO(word.court_template(False))), io.BytesIO()
        document.render(next(values), autoescape=True)
        document.save(out)
        return out.getvalue()

    return {
        ("pdf", "ours"): lambda: forms.render_pdf(FORM, next(data), as_of=DAY),
        ("pdf", "bare"): lambda: pdf.compiled(next(inputs), DAY),
        ("docx", "ours"): lambda: forms.render_docx(FORM, next(data), as_of=DAY),
        ("docx", "bare"): bare_word,
    }


def work(who: str, line: Any) -> None:
    """One process: measures what it is asked for, until it is sent nothing."""
    made = makers(who)
    for make in made.values():
        make()
    line.send("ready")
    while (asked := line.recv()) is not None:
        what, seconds = asked
        begun, processor, count = time.perf_counter(), time.process_time(), 0
        while (passed := time.perf_counter() - begun) < seconds:
            assert len(made[what]()) > 1_000
            count += 1
        line.send((count / passed, count / (time.process_time() - processor)))


@dataclass(frozen=True)
class Rate:
    """Documents a second of all processes together, and a processor second of one."""

    wall: float
    processor: float


class Workers:
    """Warm processes that measure at one sign."""

    def __init__(self, count: int) -> None:
        context = multiprocessing.get_context("spawn")
        self.lines, self.processes = [], []
        for number in range(count):
            ours, theirs = context.Pipe()
            process = context.Process(target=work, args=(str(number), theirs), daemon=True)
            process.start()
            self.lines.append(ours)
            self.processes.append(process)
        for line in self.lines:
            assert line.recv() == "ready"

    def rate(self, what: tuple[str, str], processes: int, seconds: float) -> Rate:
        """What so many processes make at once."""
        asked = self.lines[:processes]
        for line in asked:
            line.send((what, seconds))
        said = [line.recv() for line in asked]
        return Rate(sum(wall for wall, _ in said), statistics.mean(processor for _, processor in said))

    def close(self) -> None:
        """Let them end."""
        for line, process in zip(self.lines, self.processes, strict=True):
            line.send(None)
            process.join()


def rows(rounds: int = ROUNDS, seconds: float = SECONDS) -> list[str]:
    """The lines of the table."""
    workers, found = Workers(2), []
    try:
        for kind, title in KINDS.items():
            measured: dict[tuple[str, int], list[Rate]] = {(who, n): [] for who in ("ours", "bare") for n in (1, 2)}
            for _ in range(rounds):
                for (who, count), rates in measured.items():
                    rates.append(workers.rate((kind, who), count, seconds))
            for count in (1, 2):
                found.append(line_of(title, count, measured))
                print(found[-1], flush=True)
    finally:
        workers.close()
    return found


def line_of(title: str, count: int, measured: dict[tuple[str, int], list[Rate]]) -> str:
    """One line: medians; ratios of the two that stood beside each other."""
    ours, bare, alone = measured["ours", count], measured["bare", count], measured["ours", 1]
    pairs = list(zip(ours, bare, strict=True))
    ratio = statistics.median(one.wall / other.wall for one, other in pairs)
    effort = statistics.median(one.processor / other.processor for one, other in pairs)
    more = statistics.median(one.wall / single.wall for one, single in zip(ours, alone, strict=True))
    same = statistics.median(one.processor / single.processor for one, single in zip(ours, alone, strict=True))
    shown = [statistics.median(one.wall for one in ours), statistics.median(one.wall for one in bare)]
    return (
        f"| {title} | {count} | {shown[0]:.1f} | {shown[1]:.1f} | {ratio:.2f} | {effort:.2f} "
        f"| {more:.2f} | {same:.2f} |"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.forms")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    given = parser.parse_args()
    print(HEAD)
    rows(given.rounds, given.seconds)
