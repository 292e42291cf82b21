"""Monitors against controls and baselines on the packs, written into docs/monitors.md (and docs/monitors.json, the same as data).

    python benchmarks/monitors.py ../shared/traces                              everything
    python benchmarks/monitors.py ../shared/traces --source tau2 --label within  one part; the other parts of the page stay
    python benchmarks/monitors.py ../shared/traces --methods ours               ours anew; scores of the others are taken from out/monitors
    python benchmarks/monitors.py ../shared/traces --kept                       what is lacking in out/monitors, and all figures
    python benchmarks/monitors.py --page                                        the page from docs/monitors.json

Five folds by group over the open runs of a pack; every score is from a model that has not seen the group. Scores are kept in out/monitors
(which git ignores) with a fingerprint of the prefixes, so that parts can be computed one by one and differences stay paired.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Final

from baselines import BASELINES, CONTROLS, Baselines
from judged import Figures, Judge
from kept import Kept, told
from monitor_page import COMMAND, page
from ours import METHODS as OURS
from prefixes import SOURCES, Prefixes, read
from repeated import repeated
from stale import record

ROOT: Final = Path(__file__).resolve().parent.parent
DATA: Final = ROOT / "docs" / "monitors.json"
PAGE: Final = ROOT / "docs" / "monitors.md"
LABELS: Final = ("eventually", "within")
METHODS: Final = {"controls": CONTROLS, "baselines": BASELINES, "ours": OURS}


def part(prefixes: Prefixes, baselines: Baselines, label: str, anew: frozenset[str]) -> Figures:
    """The figures of one source and label."""
    kept = Kept(prefixes, label)
    kept.fill(baselines, anew, OURS)
    begin = time.perf_counter()
    judge = Judge(prefixes, label)
    methods = {name: judge.judge(name, kept.scores[name]) for name in (*CONTROLS, *BASELINES, *OURS)}
    best = max((*CONTROLS, *BASELINES), key=lambda name: methods[name]["auprc"][0])
    for name in OURS:
        methods[name]["beyond"] = {rival: judge.difference(name, rival, methods) for rival in (*CONTROLS, *BASELINES)}
    told(prefixes, label, "figures", begin)
    return {**judge.base(), "best": best, "methods": methods, "repeats": repeated(judge, kept, baselines, anew)}


def main() -> None:
    """Compute what is asked for and renew the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("traces", nargs="?", type=Path)
    parser.add_argument("--source", action="append", choices=SOURCES)
    parser.add_argument("--label", action="append", choices=LABELS)
    parser.add_argument("--methods", action="append", choices=tuple(METHODS), help="computed anew; default: all")
    parser.add_argument("--kept", action="store_true", help="computed anew is only what is not in out/monitors")
    parser.add_argument("--page", action="store_true", help="only write the page")
    options = parser.parse_args()
    data: dict[str, dict[str, Figures]] = json.loads(DATA.read_text(encoding="utf-8")) if DATA.is_file() else {}
    if not options.page:
        if options.traces is None:
            parser.error("name the folder of the packs")
        anew = frozenset(name for kind in options.methods or (() if options.kept else METHODS) for name in METHODS[kind])
        for source in options.source or SOURCES:
            prefixes = read(options.traces, source)
            baselines = Baselines(prefixes)
            for label in options.label or LABELS:
                data.setdefault(source, {})[label] = part(prefixes, baselines, label, anew)
                ordered = {name: {one: data[name][one] for one in LABELS if one in data[name]} for name in SOURCES if name in data}
                DATA.write_text(json.dumps(ordered, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), data), encoding="utf-8")
    record(PAGE, COMMAND, computed=not options.page)


if __name__ == "__main__":
    main()
