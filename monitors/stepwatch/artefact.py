"""The artefact of a trained monitor: one file of JSON and float64 blocks. Nothing in it runs; nothing is believed before the digest fits.

    b"stepc-monitor 1\\n"
    64 hexadecimal digits: SHA-256 of everything behind the next line feed
    b"\\n"
    8 bytes: length of the header, little-endian
    the header: JSON with sorted keys and no blanks, UTF-8
    zero bytes up to the next multiple of 8 from the beginning of the file
    the blocks, one behind the other, little-endian float64

The header's `blocks` lists them in their order: `{"name", "offset", "count"}`, offsets in bytes from the first block.
"""

from __future__ import annotations

import hashlib
import json
import math
import sys
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from stepwatch import plan as plans
from stepwatch.plan import Plan, PlanError

MAGIC: Final = b"stepc-monitor 1\n"
KIND: Final = b"stepc-monitor "
SCHEMA: Final = 3
"""The version of the header's form, of what points are made of (`encode`) and of what scorers read of an artefact: weights of one mean
nothing under another."""

MOST_BYTES: Final = 256 << 20
MOST_HEADER: Final = 16 << 20
MOST_BLOCKS: Final = 1_024

KEYS: Final = ("schema", "plan", "plan_sha256", "spec", "data", "seed", "libraries", "parts", "blocks", "report")
_BEHIND_DIGEST: Final = len(MAGIC) + 65


class ArtefactError(ValueError):
    """A file that is no artefact to be used: what is wrong with it, and what to do."""

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(f"{message}; {advice}")
        self.message = message
        self.advice = advice


@dataclass(frozen=True, slots=True)
class Artefact:
    """What a file says: its header, the plan in it, the blocks by name, and the digest that names this very file."""

    header: dict[str, Any]
    plan: Plan
    blocks: dict[str, array[float]]
    digest: str


AGAIN: Final = "train the monitor again, or fetch the file again"


def encode(header: Mapping[str, Any], blocks: Mapping[str, Sequence[float]]) -> tuple[bytes, str]:
    """The bytes of an artefact and its digest. `header` lacks `blocks` and `schema`: they are filled in.

    Raises:
        ValueError: A number is not finite, or a bound does not hold.
    """
    places: list[dict[str, Any]] = []
    parts: list[bytes] = []
    offset = 0
    for name in sorted(blocks):
        values = array("d", blocks[name])
        if not all(map(math.isfinite, values)):
            raise ValueError(f"block {name} holds a number that is not finite")
        if sys.byteorder == "big":
            values.byteswap()
        places.append({"name": name, "offset": offset, "count": len(values)})
        parts.append(values.tobytes())
        offset += 8 * len(values)
    whole = {**header, "schema": SCHEMA, "blocks": places}
    text = json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
    padding = -(_BEHIND_DIGEST + 8 + len(text)) % 8
    body = b"".join([len(text).to_bytes(8, "little"), text, bytes(padding), *parts])
    if len(text) > MOST_HEADER or len(body) > MOST_BYTES or len(places) > MOST_BLOCKS:
        raise ValueError("the artefact is larger than any may be")
    digest = hashlib.sha256(body).hexdigest()
    return b"".join([MAGIC, digest.encode(), b"\n", body]), digest


def write(path: str | Path, header: Mapping[str, Any], blocks: Mapping[str, Sequence[float]]) -> str:
    """Write an artefact, whole or not at all, and give its digest."""
    data, digest = encode(header, blocks)
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}.{uuid4().hex}")
    try:
        beside.write_bytes(data)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
    return digest


def read(path: str | Path) -> Artefact:
    """The artefact in a file.

    Raises:
        ArtefactError: There is none, or it is not whole and true.
    """
    try:
        with Path(path).open("rb") as file:  # what is no file, as a device, has no size and no end
            data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise ArtefactError(f"{path} has more bytes than any artefact", "name the file that `stepc monitor train` wrote")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ArtefactError(f"{path} cannot be read: {reason}", "train the monitor with `stepc monitor train`") from None
    return decode(data, str(path))


def is_artefact(path: str | Path) -> bool:
    """Whether a file begins as artefacts of any version do."""
    with Path(path).open("rb") as file:
        return file.read(len(KIND)) == KIND


def decode(data: bytes, name: str = "the artefact") -> Artefact:
    """The artefact in some bytes; `name` is what messages call it.

    Raises:
        ArtefactError: They are none, or not whole and true.
    """
    if not data.startswith(MAGIC):
        if data.startswith(KIND):
            raise ArtefactError(f"{name} has a form that this version does not read", "train it again with this version, or use its own")
        raise ArtefactError(f"{name} is no monitor's artefact", "name the file that `stepc monitor train` wrote")
    digest, body = data[len(MAGIC) : _BEHIND_DIGEST], memoryview(data)[_BEHIND_DIGEST:]
    if hashlib.sha256(body).hexdigest().encode() + b"\n" != digest:
        raise ArtefactError(f"{name} is not what was written: its digest does not fit", AGAIN)
    length = int.from_bytes(body[:8], "little")
    if len(body) < 8 or length > min(MOST_HEADER, len(body) - 8):
        raise ArtefactError(f"{name} is damaged: its header has no such length", AGAIN)
    try:
        header = json.loads(bytes(body[8 : 8 + length]))
    except (ValueError, RecursionError):
        raise ArtefactError(f"{name} is damaged: its header is no JSON", AGAIN) from None
    if type(header) is not dict or header.keys() != set(KEYS) or header["schema"] != SCHEMA:
        raise ArtefactError(f"{name} has a header of another form", "train it again with this version")
    behind = 8 + length + -(_BEHIND_DIGEST + 8 + length) % 8
    blocks = _blocks(header["blocks"], body[behind:], name)
    for key in ("plan", "spec", "data", "libraries", "parts", "report"):
        if type(header[key]) is not dict:
            raise ArtefactError(f"{name} has a header of another form: `{key}` is no object", AGAIN)
    try:
        plan = plans.from_json(header["plan"])
        fits = plans.digest(plan) == header["plan_sha256"]
    except PlanError as error:
        raise ArtefactError(f"{name} holds no plan: {error}", AGAIN) from None
    except ValueError:
        raise ArtefactError(f"{name} holds a plan with texts that are none", AGAIN) from None
    if not fits:
        raise ArtefactError(f"{name} holds another plan than it was trained for", AGAIN)
    return Artefact(header, plan, blocks, digest[:-1].decode())


def _blocks(places: Any, data: memoryview, name: str) -> dict[str, array[float]]:
    wrong = ArtefactError(f"{name} is damaged: its blocks are not where its header says", AGAIN)
    if type(places) is not list or len(places) > MOST_BLOCKS:
        raise wrong
    blocks: dict[str, array[float]] = {}
    offset = 0
    for place in places:
        if type(place) is not dict or place.keys() != {"name", "offset", "count"} or type(place["name"]) is not str:
            raise wrong
        count = place["count"]
        if type(count) is not int or count < 0 or place["offset"] != offset or offset + 8 * count > len(data) or place["name"] in blocks:
            raise wrong
        values: array[float] = array("d")
        values.frombytes(data[offset : offset + 8 * count])
        if sys.byteorder == "big":
            values.byteswap()
        if not all(map(math.isfinite, values)):
            raise ArtefactError(f"{name} is damaged: block {place['name'][:60]} holds a number that is not finite", AGAIN)
        blocks[place["name"]] = values
        offset += 8 * count
    if offset != len(data):
        raise wrong
    return blocks
