"""Raw paths of documents, and what the checker is told of them."""

from __future__ import annotations

from stepc.verify.profile import MOST_KEYS, Profile
from stepc.verify.seen import seen


def test_counts() -> None:
    profile = Profile()
    profile.add({"messages": [{"role": "user", "text": "hello"}, {"role": None}, {"text": 5}], "seed": 1})
    paths = seen(profile).paths
    assert list(paths) == [".messages", ".messages[]", ".messages[].role", ".messages[].text", ".seed"]
    role = paths[".messages[].role"]
    assert (role.present, role.null, role.absent) == (1, 1, 1)
    assert paths[".seed"].absent == 0


def test_odd_keys_and_side_documents() -> None:
    profile = Profile()
    profile.add({"a b": {"c": 1}})
    profile.add({"resolved": True}, "verdict")
    assert list(seen(profile).paths) == ['.["a b"]', '.["a b"].c', "verdict.resolved"]


def test_data_for_keys_is_one_path() -> None:
    profile = Profile()
    profile.add({"results": {f"id-{number}": {"passed": True, "n": [number]} for number in range(MOST_KEYS * 3)}})
    paths = seen(profile).paths
    assert list(paths) == [".results", ".results.*", ".results.*.n", ".results.*.n[]", ".results.*.passed"]
    assert paths[".results.*.passed"].present == MOST_KEYS * 3


def test_hostile_documents() -> None:
    deep: object = 1
    for _ in range(100_000):
        deep = [deep]
    profile = Profile()
    profile.add(deep)
    profile.add({str(number): {str(number): number} for number in range(100_000)})
    assert len(seen(profile).paths) < 1000
