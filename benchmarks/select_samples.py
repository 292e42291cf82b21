"""Cut the samples under `specs/samples` out of the full packs: whole records only, so that every document keeps its raw shape.

    python benchmarks/select_samples.py ../shared/traces

Nothing needs this to run: the samples are checked in. It is kept so that anyone can see how they were made, and make more.
"""

from __future__ import annotations

import gzip
import io
import json
import sys
import tarfile
from collections.abc import Iterable
from pathlib import Path

SAMPLES = Path(__file__).resolve().parent.parent / "specs" / "samples"

# Names that a checked-in record must not hold: package registries and what looks like a credential.
FORBIDDEN = (
    "py" + "pi.org",
    "python" + "hosted.org",
    "npm" + "js",
    "crates" + ".io",
    "deb." + "debian.org",
    "archive." + "ubuntu.com",
    "rubygems" + ".org",
    "proxy." + "golang.org",
    "sk-" + "ant",
    "gh" + "p_",
    "AK" + "IA",
    "BEGIN " + "PRIVATE",
)

# tau2: file here -> (container, ids of the simulations that are kept).
SIERRA = "sierra-research__tau2-bench"
SUBMISSIONS = f"{SIERRA}/web/leaderboard/public/submissions"
TAU2 = {
    "refused_messages": (
        f"{SIERRA}/src/experiments/eval/data/qwen2.5-7b-retries/ollama_chat/qwen2.5:7b_airline_default_gpt-4.1-2025-04-14_1trials.json",
        ("41cadac4-405e-4fd6-bc1d-6db813dd0cf9", "4b4ca4a5-1654-492b-b86a-02e26e8f2874"),
    ),
    "flagged_error": ("oscaralvaro__tau2-bench/data/simulations/sim_retail_farfan.json", ("c18cf36e-308a-4038-b633-9d8d1266c425",)),
    "dual_control": (
        f"{SIERRA}/src/experiments/model_training/results/ft:gpt-4.1-2025-04-14:sierra:tau2-full-sft:BzrYdMNm_telecom_default_gpt-4.1_1trials.json",
        ("000ee2d3-0c50-4e99-9506-3d52d41e60d8",),
    ),
    "dual_control_failed": (
        f"{SIERRA}/src/experiments/model_training/results/gpt-4.1_telecom_default_gpt-4.1_1trials.json",
        ("694314c0-de74-4240-a614-d7c12cb335b3",),
    ),
    "repeated_ids": (
        f"{SUBMISSIONS}/gpt-oss-120b_openai_2025-11-26/trajectories/langchain_agent_airline_2025-11-26_00-37-06.json",
        ("d36cb662-23ed-4cf9-b93b-5a918b852347",),
    ),
    "no_flags": (
        f"{SUBMISSIONS}/toolorchestra_nvidia_2025-12-02/trajectories/toolorchestra_retail_gpt-5_1trial.json",
        ("367a3fb7-d9b8-4c0e-a67c-f0a5a3ba2e0c", "9908d1e9-391d-4dfd-baba-659b7931b54d"),
    ),
    "thinking": (
        f"{SIERRA}/claude-sonnet-4-5_aide-platform_2025-10-31/trajectories/claude-sonnet-4-5_airline_default_gpt4.1_1trials.json",
        ("3c059b8e-2785-4f4c-be0e-1f13f151156c",),
    ),
    "never_judged": (
        f"{SUBMISSIONS}/adaptive-agent_community_2026-03-23/trajectories/adaptive_agent_medical_triage_opus46_cascata.json",
        ("fdc1446c-4424-4ee8-8599-d6f92dcaf292",),
    ),
}

# Sources of one record a line: file here -> lines of the pack, from 0.
LINES: dict[str, dict[str, tuple[int, ...]]] = {
    "taubench_v1": {"airline": (109, 130, 42), "retail": (168, 186)},
    "agentdojo": {"runs": (146, 462, 619, 638, 835, 863, 1366, 1955, 1976)},
    "intercode": {"turns": (4903, 1890, 70, 381, 295, 244, 1280, 1167, 1066, 1063, 1079)},
    "who_and_when": {"experts": (2, 69, 52), "orchestrator": (100, 110)},
    "whissle_flow_sim": {"calls": (5, 94, 59, 26)},
}

# Sources of whole files.
FILES = {
    "swebench_sweagent_traj": (
        "results/results.json",
        "trajs/sympy__sympy-16886.traj",
        "trajs/scikit-learn__scikit-learn-13439.traj",
        "trajs/django__django-15863.traj",
    ),
    "swebench_minisweagent": tuple(
        name
        for issue in ("psf__requests-2317", "pydata__xarray-4629")
        for name in (f"trajs/{issue}/{issue}.traj.json", f"logs/{issue}/report.json")
    ),
    "swebench_aider": tuple(
        f"multi-models--gpt-4o--openrouter-anthropic-claude-3-opus/{issue}.{ending}"
        for issue in ("django__django-16595", "sympy__sympy-23117", "sympy__sympy-13471", "pylint-dev__pylint-5859", "django__django-13315")
        for ending in ("md", "json")
    ),
    "webarena_infinity": tuple(
        f"{run}/{name}.json"
        for run in (
            "shopify-web-performance/gemini_20260219_023258_parallel/task_e3",
            "linear-account-settings/gemini_20260219_023910_parallel/task_e3",
            "linear-account-settings/gemini_20260219_022152_parallel/task_m6",
            "shopify-theme-editor/gemini_20260219_022736_parallel/task_h4",
            "gmail/gemini_20260226_174620_real-tasks_parallel/task_e18",
        )
        for name in ("history", "result")
    ),
    "react_text_logs": ("react/webshop_episodes/0305.txt", "react/webshop_episodes/0913.txt", "react/fever_episodes/0000.txt"),
}

# Text logs with many runs under banners: whole runs and their banners, as line ranges from 1, both ends included.
HOTPOT = "reflexion/hotpotqa_runs/root"
RANGES = {
    f"{HOTPOT}/ReAct/reflexion/100_questions_5_trials.txt": ((1, 20), (293, 307), (845, 867), (1062, 1095), (1437, 1452)),
    f"{HOTPOT}/ReAct/base/base_react_thought_log.txt": ((1, 14), (254, 267), (803, 822)),
    f"{HOTPOT}/CoT/no_context/last_trial_and_reflexion/100_questions_5_trials.txt": ((1, 13), (473, 477), (637, 656)),
    f"{HOTPOT}/CoT/context/reflexion/100_questions_5_trials.txt": ((1, 24),),
}


def members(pack: Path, names: Iterable[str]) -> dict[str, bytes]:
    """The bytes of some members of a pack's archive."""
    wanted = set(names)
    found = {}
    with tarfile.open(pack / "open.tar.gz") as archive:
        for member in archive:
            if member.name in wanted:
                stream = archive.extractfile(member)
                assert stream is not None
                found[member.name] = stream.read()
    missing = wanted - set(found)
    assert not missing, f"no such member: {sorted(missing)}"
    return found


def simulations(container: bytes, kept: tuple[str, ...]) -> bytes:
    """A tau2 container with the kept simulations, their tasks and every other head field."""
    document = json.loads(container)
    document["simulations"] = [one for one in document["simulations"] if one["id"] in kept]
    assert len(document["simulations"]) == len(kept)
    tasks = {one["task_id"] for one in document["simulations"]}
    if "tasks" in document:
        document["tasks"] = [task for task in document["tasks"] if task["id"] in tasks]
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def cut(text: bytes, ranges: tuple[tuple[int, int], ...]) -> bytes:
    """Whole lines of a text."""
    lines = text.split(b"\n")
    return b"\n".join(line for first, last in ranges for line in lines[first - 1 : last]) + b"\n"


def samples(traces: Path) -> dict[str, bytes]:
    """Every sample by its path below `specs/samples`."""
    made = {}
    containers = members(traces / "tau2", (container for container, _ in TAU2.values()))
    for name, (container, kept) in TAU2.items():
        made[f"tau2/{name}.json"] = simulations(containers[container], kept)
    for pack, files in LINES.items():
        with gzip.open(traces / pack / "open.jsonl.gz") as stream:
            records = io.BytesIO(stream.read()).readlines()
        for name, chosen in files.items():
            made[f"{pack}/{name}.jsonl"] = b"".join(records[line] for line in chosen)
    for pack, names in FILES.items():
        for name, content in members(traces / pack, names).items():
            made[f"{pack}/{name}"] = content
    logs = members(traces / "react_text_logs", RANGES)
    for name, ranges in RANGES.items():
        made[f"react_text_logs/{name}"] = cut(logs[name], ranges)
    return made


def main(traces: Path) -> int:
    """Write the samples; refuse what must not be checked in."""
    made = samples(traces)
    refused = sorted(f"{name}: {word}" for name, content in made.items() for word in FORBIDDEN if word.encode() in content)
    for line in refused:
        print(line)
    for name, content in sorted(made.items()):
        target = SAMPLES / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    print(f"{len(made)} files, {sum(map(len, made.values())):,} bytes")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
