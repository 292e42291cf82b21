"""What names an episode and what it belongs to: `meta.id` and `meta.group`; and when its events happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stepc.induce import words
from stepc.induce.nodes import Json, Node, Path, at_path, node_of, written

_OWN = words.listed("run trace session thread trajectory conversation episode simulation rollout uuid sample trial")
_SCOPES = words.listed("domain suite dataset environment env benchmark category app site split repo repository project collection")
_LAST = words.listed("id name key uuid")
_MOST_ID = 200
_MOST_SCOPES = 200
_LONG = 60
_MOSTLY = 0.8
"""The share of runs that must name their task: those that do not are left out of training."""
_EARLIEST, _LATEST = 5e8, 5e9
"""Seconds since 1970 between which the events of traces lie."""
_UNITS = (1.0, 1e3, 1e6, 1e9)
_LONGEST_NUMBER = 20


@dataclass(frozen=True, slots=True)
class Named:
    """Expressions of `meta`, and what is doubtful about them."""

    id: str
    group: str = ""
    model: str = ""
    doubts: tuple[tuple[int, str], ...] = ()


def named(
    elements: Sequence[Json],
    documents: Sequence[Json],
    stems: Sequence[str],
    skip: Sequence[Path],
    *,
    one_a_file: bool,
    own: bool,
    root: str = "",
    called: str = "",
) -> Named:
    """Names for episodes.

    elements    the episodes' own values, documents the documents they stand in
    stems       the files' names, one for each file
    one_a_file  a file holds one episode
    own         element and document are the same value
    root        what paths into elements begin with
    called      the id, where it is known
    """
    node = node_of(elements)
    ids: list[tuple[int, int, Path]] = []
    groups: list[tuple[int, int, int, str, Path]] = []
    model = ""
    for order, (path, child) in enumerate(node.below(lists=False)):
        if len(path) > 3 or any(path[: len(other)] == other for other in skip) or not child.scalars:
            continue
        name = str(path[-1])
        have = words.words(name)
        # `.task.id` names a task, as `.task_id` does.
        whole = f"{path[-2]}_{name}" if len(path) > 1 and set(have) <= _LAST else name
        numbers = child.kinds.get("number", 0) == child.present and child.whole and bool(set(have) & _OWN)
        plain = (child.texts == child.present and child.longest <= _MOST_ID) or numbers
        unique = child.present == node.total and _different(elements, path)
        if (
            plain
            and unique
            and ("id" in have or "uuid" in have or (len(have) == 1 and have[0] in _OWN))
            and words.outcome_strength(name) < 2
        ):
            task = words.task_rank(whole) < 99
            ids.append((2 if task and whole != name else 0 if have == ("id",) or set(have) & _OWN else 2 if task else 1, len(path), path))
        rank = words.task_rank(whole)
        if rank < 99 and (child.texts or child.kinds.get("number")) and child.present > _MOSTLY * node.total and child.longest <= 600:
            groups.append((rank, len(path), order, written(path, root), path))
        if not model and child.texts and child.longest <= 100 and {"model", "llm"} & set(have) and not set(have) & {"usage", "type"}:
            model = written(path, root)
    doubts: list[tuple[int, str]] = []
    ids.sort(key=lambda item: (item[0], item[1], written(item[2])))
    if called:
        identity = called
    elif ids and ids[0][0] == 0:
        found, shown = node.at(ids[0][2]), written(ids[0][2], root)
        identity = f'"{{{shown}}}"' if found is not None and not found.texts else shown
    elif one_a_file and len(set(stems)) == len(stems) and len(stems) > 1:
        identity = "file.stem"
    elif one_a_file:
        identity = "file.dir" if stems and len(stems) > 1 and len(set(stems)) == 1 else "file.path"
    elif ids and ids[0][0] == 1:
        identity = written(ids[0][2], root)
    else:
        name = "file.stem" if len(set(stems)) == len(stems) else "file.path"
        identity = f'"{{{name}}}:{{episode.index}}"'
    if identity.startswith(("file", '"{file')):
        doubts.append((50, f"an episode has no name of its own in the samples: it goes by {identity}"))
    group = _with_scope(min(groups)[4], min(groups)[3], elements, documents, skip, own=own, root=root) if groups else ""
    told, total = (node.at(min(groups)[4]), node.total) if groups else (None, 0)
    if not group and not own:
        head = node_of(documents)
        outer = [
            (words.task_rank(name), f"doc{written((name,))}", child)
            for name, child in head.keys.items()
            if child.texts > _MOSTLY * head.total and words.task_rank(name) < 99
        ]
        if outer:
            (_, group, told), total = min(outer, key=lambda item: item[:2]), head.total
    if told is not None and told.present < total:
        doubts.append((10, f"`group` is absent in {total - told.present:,} of {total:,}: such runs are left out of training"))
    if not group and one_a_file:
        group = "file.stem" if identity != "file.dir" else "file.dir"
    if not group:
        doubts.append(no_task(identity))
    elif group.startswith("file"):
        doubts.append(only_file(group))
    return Named(identity, group, model, tuple(doubts))


def no_task(identity: str) -> tuple[int, str]:
    """The doubt about runs whose task nothing names; `identity` is the expression of their ids."""
    alone = f"`group: str? = {identity}` makes every run a task of its own"
    return 45, f"nothing names the task: without `group`, episodes are left out of training; {alone}"


def only_file(group: str) -> tuple[int, str]:
    """The doubt about runs whose task nothing names but their file."""
    return 45, f"nothing names the task but {group}: runs of one task have to share a group"


def _with_scope(
    path: Path, shown: str, elements: Sequence[Json], documents: Sequence[Json], skip: Sequence[Path], *, own: bool, root: str
) -> str:
    """The group of episodes: the task, with the domain, suite or data set that it belongs to where all name one, for numbers come again."""
    node = node_of(elements)
    child = node.at(path)
    plain = child is not None and child.texts == child.present
    if plain and child is not None and child.mean > _LONG:
        return shown
    places = [(inner, root, scope) for inner, scope in node.below(lists=False) if not _inside(inner, skip) and scope.present == node.total]
    if not own:
        head = node_of(documents)
        places += [(place, "doc", scope) for place, scope in head.below(lists=False) if scope.present == head.total]
    for place, base, scope in sorted(places, key=lambda item: (item[1], len(item[0]), item[0])):
        have = set(words.words(str(place[-1])))
        named = have & _SCOPES and have <= _SCOPES | {"name", "id", "key"}
        if (
            place != path
            and named
            and len(place) <= 3
            and scope.texts == scope.present
            and 1 < scope.distinct <= _MOST_SCOPES
            and scope.longest <= 100
        ):
            return f'"{{{written(place, base)}}}:{{{shown}}}"'
    return shown if plain else f'"{{{shown}}}"'


def _inside(path: Path, skip: Sequence[Path]) -> bool:
    return any(path[: len(other)] == other for other in skip)


def _different(elements: Sequence[Json], path: Path) -> bool:
    seen: set[str] = set()
    for element in elements:
        for item in at_path(element, path)[:1]:
            if not isinstance(item, str | int) or isinstance(item, bool) or item == "" or str(item) in seen:
                return False
            seen.add(str(item))
    return len(seen) == len(elements)


def time_of(events: Sequence[Json]) -> str:
    """The path of the time at which an event arrived, empty where none is there: ISO texts, or numbers since 1970 in a usual unit."""
    node = node_of(events)
    found: list[tuple[int, int, int, str]] = []
    for order, (path, child) in enumerate(node.below(lists=False)):
        have = set(words.words(str(path[-1])))
        if (
            len(path) > 2
            or child.presence < 0.5
            or not have & {"time", "timestamp", "ts", "at", "date", "created", "started", "start", "datetime"}
        ):
            continue
        iso = child.texts and child.shapes.get("time", 0) == child.texts and child.texts == child.present and child.mean >= 16
        if iso or _since_1970(child):
            late = bool(have & {"end", "ended", "completed", "finished"})
            found.append((int(late), len(path), order, written(path)))
    return min(found)[3] if found else ""


def _since_1970(node: Node) -> bool:
    """Whether numbers, or texts of digits, count seconds or parts of a second since 1970, in our time."""
    if node.mainly == "number":
        least, most = node.least, node.most
    elif node.values and node.texts == node.present and all(value.isdecimal() and len(value) < _LONGEST_NUMBER for value in node.values):
        numbers = [float(value) for value in node.values]
        least, most = min(numbers), max(numbers)
    else:
        return False
    return any(unit * _EARLIEST < least and most < unit * _LATEST for unit in _UNITS)
