"""What samples say: a path that no sample shows is probably a slip of the pen (SV320)."""

from __future__ import annotations

from stepc import ir
from stepc.check import paths
from stepc.check.reading import Reading
from stepc.check.report import Report
from stepc.check.results import Seen
from stepc.check.suggest import nearest
from stepc.check.world import World


def check(world: World, readings: list[Reading]) -> None:
    """Warn of read paths that were never seen although their parent was."""
    if world.seen is None or not world.seen.paths:
        return
    for reading in readings:
        if reading.context in ("accept", "episode", "event") or any(
            isinstance(one, ir.AnyElement) and one.keys_too for one in reading.path.segments
        ):
            continue
        _unseen(world.report, world.seen, reading)


def _unseen(report: Report, seen: Seen, reading: Reading) -> None:
    path = reading.path
    for length in range(1, len(path.segments) + 1):
        upper = ir.DocumentPath(path.side, path.segments[:length])
        if paths.show(upper) in seen.paths:
            continue
        parent = paths.show(ir.DocumentPath(path.side, path.segments[: length - 1]))
        last = upper.segments[-1]
        if not isinstance(last, ir.KeyPattern) or (length > 1 and seen.paths[parent].present == 0):
            return
        prefix = "" if parent == "." else parent
        siblings = [
            text[len(prefix) + 1 :]
            for text in seen.paths
            if text.startswith(prefix + ".") and "." not in text[len(prefix) + 1 :] and "[" not in text[len(prefix) + 1 :]
        ]
        near = nearest(last.alternatives[0], siblings)
        report.warning(
            "SV320",
            reading.span,
            f"no sample has `{paths.show(upper)}`",
            here="never seen",
            advice=f"did you mean `{prefix}.{near}`?" if near else "if it is rare, add a sample that shows it",
        )
        return
