"""The laws over as many mutated events and documents as anyone has time for: nothing raises, nothing grows without bound.

    python benchmarks/soak.py                     # goes on where it stopped, for ten minutes
    python benchmarks/soak.py --minutes 60 --inputs 5000000
    python benchmarks/soak.py --only 123456       # one input again, with its traceback

Input N of a seed is the same on every machine. What was done so far stands in `out/soak.json`; it begins again when the adapters have
changed. Its figures are written to `docs/soak.md`.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / part) for part in ("codegen", "generated", "tests")]

from fuzz.chain import arbitrary, compile_text, compile_tree, keys_of  # noqa: E402
from fuzz.mutants import corpus, of_lines, of_tokens, of_tree  # noqa: E402
from hypothesis import HealthCheck, Phase, given, settings  # noqa: E402
from hypothesis import seed as fixed  # noqa: E402
from syntax.test_fuzz import texts  # noqa: E402

from stepc import ir  # noqa: E402
from stepc.front import read_spec  # noqa: E402
from stepc.project import Project, find_project  # noqa: E402
from stepc.runtime.run import AdapterModule  # noqa: E402
from stepc.verify import document_laws, laws, work  # noqa: E402
from stepc.verify.blind import Blind  # noqa: E402
from stepc.verify.cases import Bench, Case, load_cases  # noqa: E402
from stepc.verify.load import from_file  # noqa: E402
from stepc.verify.mutate import KINDS, Mutation, corrupted, mutated  # noqa: E402
from stepc.verify.schema import conforms, step_validator  # noqa: E402
from stepc.verify.schemas import step_schema  # noqa: E402
from stepc.verify.sealed_text import exchanges  # noqa: E402

Json = Any
STATE: Final = ROOT / "out" / "soak.json"
PAGE: Final = ROOT / "docs" / "soak.md"
SAVED_EVERY: Final = 5_000
COMPILED_EVERY: Final = 150
"""Inputs between two mutated specs."""
MOST_GROWTH: Final = 512 << 20
"""Bytes that the process may grow once every spec has had its turn."""
MOST_SECONDS: Final = 20.0
"""Of one core; one input takes a fraction of this on a slow machine."""
MOST_OPEN: Final = 1_024
EVENT_BYTES: Final = 1 << 20
LAWS: Final = (
    "total",
    "events",
    "accounted",
    "bounded",
    "schema",
    "causal",
    "unchanged",
    "linear",
    "damage",
    "blind",
    "keys",
    "sealed text",
    "chunking",
)
MUTANTS: Final = ("lines", "tokens", "trees", "grammar")


class Soaked:
    """One spec: its adapter, and its samples to begin with."""

    def __init__(self, project: Project, spec: Path, folder: Path) -> None:
        program = read_spec(spec, project=project.root).program
        module = from_file(project.module_path(spec.stem), program) if program is not None else None
        if program is None or module is None:
            raise SystemExit(f"{spec.name} is not compiled: run `stepc compile`")
        self.program: ir.Program = program
        self.module: AdapterModule = module
        self.bench = Bench(module, folder / "bench")
        self.cases = load_cases(module, [project.root / "specs/samples" / spec.stem], folder / "load")
        self.episodes = [episode for case in self.cases for episode in self.bench.recorded(case)]
        self.validator = step_validator(step_schema(program, project.limits.text))
        self.blind = Blind(program)
        self.keys = keys_of(program)
        self.facts = [fact.name for fact in program.start]
        text = module.SOURCE.format == "text"
        self.sealed = exchanges(module, self.cases) if text else []
        self.document_laws: list[tuple[str, Callable[[random.Random], None]]] = [("damage", self._damage), ("damage", self._damage)]
        if text:
            self.document_laws += [("chunking", self._chunked)]
        else:
            self.document_laws += [("keys", self._keys)]
        if self.sealed:
            self.document_laws += [("sealed text", self._sealed)]
        if not text or self.program.source.beside:
            self.document_laws += [("blind", self._blind)]

    def soak(self, chance: random.Random) -> Counter[str]:
        """Try one input; the laws that it was held against, and how many events it has."""
        if chance.random() < 0.1 and self.cases:
            name, law = chance.choice(self.document_laws)
            law(chance)
            return Counter(("total", name))
        return self._stream(chance)

    def _stream(self, chance: random.Random) -> Counter[str]:
        episode = chance.choice(self.episodes)
        begin = chance.randrange(max(1, len(episode.events)))
        part: Json = list(episode.events[begin : begin + chance.randint(0, 12)])
        part = mutated(part, _mutations(chance))
        events = list(part) if isinstance(part, list) else [part]
        events += [arbitrary(chance, self.keys) for _ in range(chance.randint(0, 3))]
        start = {name: arbitrary(chance, self.keys, 1) for name in self.facts} if chance.random() < 0.3 else episode.start
        make = self.module.Adapter
        outcome = laws.outcome_of(make, start, events)
        laws.adds_up(outcome, len(events))
        laws.pairs_conserved(outcome.account)
        laws.within_bounds(outcome.account, most_open=MOST_OPEN)
        tried = Counter({"total": 1, "events": len(events), "accounted": 1, "bounded": 1})
        stream = laws.Recorded(episode.file, episode.index, start, tuple(events))
        if chance.random() < 0.03:
            conforms(self.validator, outcome)
            tried["schema"] += 1
        if chance.random() < 0.25:
            count = chance.randint(0, len(events))
            if laws.outcome_of(make, start, events[:count]).by_event != outcome.by_event[:count]:
                raise laws.BrokenError("causal", f"the first {count} events alone give other steps than within the run")
            tried["causal"] += 1
        if chance.random() < 0.05:
            laws.unchanged_events(make, stream)
            tried["unchanged"] += 1
        if chance.random() < 0.01:
            work.linear(make, start, events)
            tried["linear"] += 1
        return tried

    def _damage(self, chance: random.Random) -> None:
        case = chance.choice(self.cases)
        if case.document is not None and chance.random() < 0.5:
            case = case.with_document(mutated(case.document, _mutations(chance)))
        else:
            for _ in range(chance.randint(1, 3)):
                case = Case(case.path, corrupted(case.data, chance.randrange(1 << 40), chance.randrange(1 << 16)), None, case.sides)
        self.bench.observe(case, whole=False)

    def _blind(self, chance: random.Random) -> None:
        document_laws.blind(self.bench, self.blind, chance.choice(self.cases), chance.randrange(1 << 30), chance.randrange(1 << 30))

    def _keys(self, chance: random.Random) -> None:
        case = chance.choice(self.cases)
        if chance.random() < 0.5:
            document_laws.key_order(self.bench, case)
        else:
            document_laws.unknown_keys(self.bench, self.blind, case, tuple(chance.randrange(1 << 30) for _ in range(3)))

    def _sealed(self, chance: random.Random) -> None:
        case, old, new = chance.choice(self.sealed)
        document_laws.sealed_text_blind(self.bench, case, [(old, new)])

    def _chunked(self, chance: random.Random) -> None:
        data = chance.choice(self.cases).data
        document_laws.chunked(self.module, data, tuple(chance.randrange(len(data) + 1) for _ in range(chance.randint(1, 6))), EVENT_BYTES)


def _mutations(chance: random.Random) -> tuple[Mutation, ...]:
    kinds = sorted(KINDS)
    return tuple(Mutation(chance.choice(kinds), chance.randrange(1 << 16), chance.randrange(1 << 16)) for _ in range(chance.randint(1, 4)))


def compiler(kind: str, number: int, chance: random.Random, folder: Path) -> bool:
    """One mutated spec through the whole compiler; whether a program came out."""
    if kind == "trees":
        return compile_tree(of_tree(chance), number, folder)
    if kind == "grammar":
        return _grammar(number)
    return compile_text((of_lines if kind == "lines" else of_tokens)(chance.choice(corpus()), chance), number, folder)


def _grammar(number: int) -> bool:
    compiled: list[bool] = []

    @fixed(number)
    @settings(max_examples=1, deadline=None, database=None, phases=(Phase.generate,), suppress_health_check=list(HealthCheck))
    @given(texts())
    def one(text: str) -> None:
        compiled.append(compile_text(text, number))

    one()
    return any(compiled)


@dataclass(slots=True)
class State:
    """What was done so far. `tried` counts by spec and law, `compiled` by kind of mutant: tried, and come out as programs."""

    seed: int
    adapters: str
    done: int = 0
    tried: dict[str, Counter[str]] = field(default_factory=dict)
    compiled: dict[str, list[int]] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def save(self) -> None:
        STATE.parent.mkdir(exist_ok=True)
        STATE.write_text(json.dumps({name: getattr(self, name) for name in self.__slots__}, indent=1, sort_keys=True) + "\n")


def load(seed: int, adapters: str) -> State:
    """The state to go on from; a new one where the seed or the adapters are others."""
    if STATE.is_file():
        known = json.loads(STATE.read_text())
        if (known["seed"], known["adapters"]) == (seed, adapters):
            return State(**{**known, "tried": {name: Counter(counts) for name, counts in known["tried"].items()}})
        print("the seed or the adapters have changed: beginning again", file=sys.stderr)
    return State(seed, adapters)


def one_input(number: int, seed: int, specs: list[Soaked], folder: Path, state: State) -> None:
    """Try input `number`, and with some of them a mutated spec."""
    spec = specs[number % len(specs)]
    name = spec.program.source.name
    state.tried.setdefault(name, Counter()).update(spec.soak(random.Random(f"{seed}:{number}")))
    if number % COMPILED_EVERY == 0:
        kind = MUTANTS[number // COMPILED_EVERY % len(MUTANTS)]
        counts = state.compiled.setdefault(kind, [0, 0])
        counts[1] += compiler(kind, number, random.Random(f"{seed}:{number}:{kind}"), folder / "mutant")
        counts[0] += 1


def soak(state: State, specs: list[Soaked], folder: Path, inputs: int, seconds: float) -> None:
    """Try inputs until there were so many, or the time is up, or too much is broken."""
    begun, first = time.monotonic(), state.done
    before = 0
    while state.done < inputs and time.monotonic() - begun < seconds and len(state.broken) < 20:
        number, started = state.done, time.process_time()
        try:
            one_input(number, state.seed, specs, folder, state)
        except Exception as error:  # noqa: BLE001 (whatever is raised is what this looks for)
            state.broken.append(f"input {number}: {type(error).__name__}: {str(error)[:300]}")
        state.done += 1
        if time.process_time() - started > MOST_SECONDS:
            state.broken.append(f"input {number} took longer than {MOST_SECONDS:.0f} seconds of one core")
        if state.done % 500 == 0:
            size = memory()
            before = before or (size if state.done - first >= 3_000 else 0)
            if before and size - before > MOST_GROWTH:
                state.broken.append(f"memory grew by {(size - before) >> 20} MiB up to input {number}")
                before = size
            rate = (state.done - first) / (time.monotonic() - begun)
            print(
                f"\r{state.done:,} of {inputs:,} inputs, {rate:,.0f} a second, {len(state.broken)} broken ",
                end="",
                file=sys.stderr,
                flush=True,
            )
        if state.done % SAVED_EVERY == 0:
            state.save()
    print(file=sys.stderr)
    state.save()


def memory() -> int:
    """The most memory that this process has held so far, in bytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most << 10


ABOUT: Final = """\
# Soak

Written by `python benchmarks/soak.py`, which goes on where it stopped. An input is a run of up to a dozen raw events, cut from a real
sample and mutated (dropped, retyped, nulled, doubled, spliced, nested, moved, …) with arbitrary JSON behind it; or a whole document, with
mutations or damaged bytes, read by the real readers. Every so often a mutated spec goes through the whole compiler, and what comes out of
it over arbitrary JSON.

**{inputs} inputs** of seed {seed}, **{events} events** in them, and **{mutants} mutated specs**. {broken}

The process may grow by at most {growth} MiB after its first inputs, and one input may take at most {seconds} seconds of one core: else it
counts as broken. Adapters: `stepc.lock` with the SHA-256 `{adapters}…`.
"""
WORDS: Final = """
`total`: every input gives steps or defects and raises nothing; `events`: raw events in them. `accounted`, `bounded`: the account adds up;
defects, unknown values and open calls stay within their bounds. `schema`: steps fit the exported JSON Schema. `causal`: the first k events,
for one k, give the first steps. `unchanged`: no event is changed. `linear`: four times the events run at most four times the lines of
Python. `damage`: damaged documents give defects, and the readers' account adds up. `blind`, `keys`, `sealed text`, `chunking`: as
`stepc verify` has them.
"""


def page(state: State) -> str:
    """The figures as Markdown: no clock, no machine."""
    total = sum(state.tried.values(), Counter())
    tried = [law for law in LAWS if total[law]]
    about = ABOUT.format(
        inputs=f"{state.done:,}",
        seed=state.seed,
        events=f"{total['events']:,}",
        mutants=f"{sum(count for count, _ in state.compiled.values()):,}",
        broken=f"{len(state.broken)} broke a law."
        if state.broken
        else "Nothing was raised, no law was broken, nothing grew without bound.",
        growth=MOST_GROWTH >> 20,
        seconds=f"{MOST_SECONDS:.0f}",
        adapters=state.adapters[:16],
    )
    lines = [
        "| spec | " + " | ".join(tried) + " |",
        "|---|" + "---:|" * len(tried),
        *(f"| {name} | " + " | ".join(f"{counts[law]:,}" for law in tried) + " |" for name, counts in sorted(state.tried.items())),
        "| **all** | " + " | ".join(f"**{total[law]:,}**" for law in tried) + " |",
    ]
    mutants = [
        "| mutated specs | tried | compiled and driven |",
        "|---|---:|---:|",
        *(f"| {kind} | {count:,} | {compiled:,} |" for kind, (count, compiled) in sorted(state.compiled.items())),
    ]
    broken = ["", *(f"- {line}" for line in state.broken)] if state.broken else []
    return "\n".join([about, *lines, WORDS, *mutants, *broken]) + "\n"


def main() -> int:
    """Soak, write the figures, and say whether anything broke."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--inputs", type=int, default=1_000_000, help="stop after so many, all calls together")
    options.add_argument("--minutes", type=float, default=10, help="stop after so much time")
    options.add_argument("--only", type=int, help="try one input, and write nothing")
    given = options.parse_args()
    project = find_project(ROOT)
    adapters = sha256((ROOT / "generated" / "stepc.lock").read_bytes()).hexdigest()
    with tempfile.TemporaryDirectory(prefix="stepc-soak-") as name:
        folder = Path(name)
        specs = [Soaked(project, path, folder / path.stem) for path in project.spec_paths()]
        if given.only is not None:
            one_input(given.only, given.seed, specs, folder, State(given.seed, adapters))
            return 0
        state = load(given.seed, adapters)
        soak(state, specs, folder, given.inputs, given.minutes * 60)
    PAGE.write_text(page(state), encoding="utf-8")
    for line in state.broken:
        print(line, file=sys.stderr)
    return 1 if state.broken else 0


if __name__ == "__main__":
    sys.exit(main())
