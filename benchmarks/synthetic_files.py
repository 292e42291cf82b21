"""Synthetic traces in real shapes, for the benchmarks: deterministic by seed, sized to order.

The text is drawn from a Zipf-like vocabulary; message sizes follow the long-tailed mix that tau2 shows (most messages under 2 kB,
a few tool results of 8 kB). Nothing here claims to be a real run: only speed and memory are measured on it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson


def _vocabulary(generator: random.Random) -> list[str]:
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(generator.choices(letters, k=generator.randint(2, 9))) for _ in range(6_000)]
    words[::97] = [word + "é" for word in words[::97]]
    return words


class Writer:
    """Draws runs of tau-bench shape: `trajectory()` gives a list of chat messages with calls and results."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.words = _vocabulary(self.random)
        self.weights = [1 / (rank + 3) for rank in range(len(self.words))]

    def text(self, size: int) -> str:
        """Words of about `size` characters."""
        return " ".join(self.random.choices(self.words, self.weights, k=max(1, size // 6)))

    def trajectory(self, turns: int) -> list[dict[str, Any]]:
        """`turns` agent moves, each a message or a call with its result."""
        messages: list[dict[str, Any]] = [{"role": "user", "content": self.text(400)}]
        for turn in range(turns):
            if self.random.random() < 0.55:
                name = self.random.choice(
                    ["get_user_details", "get_order_details", "cancel_pending_order", "search_flights", "update_reservation"]
                )
                arguments = {"id": f"W{self.random.randrange(10**7)}", "reason": self.text(60)}
                call = {"id": f"call_{turn}", "type": "function", "function": {"name": name, "arguments": orjson.dumps(arguments).decode()}}
                size = self.random.choice([1_000, 1_600, 2_600, 4_500, 7_500])
                answer = orjson.dumps({"status": "ok", "detail": self.text(size)}).decode()
                content = answer if self.random.random() > 0.08 else "Error: " + self.text(60)
                messages.append({"role": "assistant", "content": None, "tool_calls": [call], "function_call": None})
                messages.append({"role": "tool", "tool_call_id": f"call_{turn}", "name": name, "content": content})
            else:
                messages.append({"role": "assistant", "content": self.text(1_700), "tool_calls": None, "function_call": None})
                messages.append({"role": "user", "content": self.text(1_000)})
        return messages


def records(size: int, seed: int = 7) -> Iterator[bytes]:
    """Lines of taubench_v1 shape, with newlines, at least `size` bytes in all."""
    writer = Writer(seed)
    pool = [orjson.dumps(writer.trajectory(writer.random.randint(6, 24))) for _ in range(200)]
    written = index = 0
    while written < size:
        head = orjson.dumps({"task_id": index % 500, "reward": float(index % 3 > 0), "trial": index // 500})
        line = head[:-1] + b',"info":{},"traj":' + pool[writer.random.randrange(len(pool))] + b"}\n"
        written += len(line)
        index += 1
        yield line


def write_jsonl(path: Path, size: int, seed: int = 7) -> None:
    """Write at least `size` bytes of records to `path`."""
    with path.open("wb") as stream:
        stream.writelines(records(size, seed))


def write_container(path: Path, size: int, seed: int = 7) -> None:
    """Write one tau2 result container of at least `size` bytes: one JSON document, many simulations, its head fields last."""
    writer = Writer(seed)
    with path.open("wb") as stream:
        stream.write(b'{"simulations":[')
        written = index = 0
        while written < size:
            messages = [
                {
                    **message,
                    "tool_calls": [
                        {"id": call["id"], "name": call["function"]["name"], "arguments": {}, "requestor": "assistant"}
                        for call in message["tool_calls"]
                    ],
                }
                if message.get("tool_calls")
                else message
                for message in writer.trajectory(writer.random.randint(6, 24))
            ]
            simulation = {
                "id": f"s{index}",
                "task_id": str(index % 50),
                "trial": index // 50,
                "messages": messages,
                "reward_info": {"reward": float(index % 2)},
            }
            line = (b"," if index else b"") + orjson.dumps(simulation)
            stream.write(line)
            written += len(line)
            index += 1
        stream.write(b'],"info":{"environment_info":{"domain_name":"retail"},"agent_info":{"llm":"none"}}}')
