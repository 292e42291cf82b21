"""Which files belong to which input: globs over paths with `/`, matched in linear time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from stepc.runtime.regex import Pattern
from stepc.runtime.source import Input, Source

COMPRESSIONS: Final = (".gz", ".zst")
"""Endings that a path is told without."""

ARCHIVES: Final = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.zst", ".tzst")
"""Endings of archives inside a folder."""

USUAL: Final = {"json": ("**/*.json",), "jsonl": ("**/*.jsonl", "**/*.ndjson"), "text": ("**/*.txt", "**/*.log", "**/*.md")}
_LONGEST_PATH: Final = 4_096


def translate(glob: str) -> str:
    """The regular expression of a glob: `*` and `?` within one part of a path, `**` for any number of parts, `[…]` one of some letters.

    >>> translate("trajs/*.traj")
    '^trajs/[^/]*\\\\.traj$'
    """
    made: list[str] = []
    index = 0
    while index < len(glob):
        if glob.startswith("**/", index) and (index == 0 or glob[index - 1] == "/"):
            made.append("(?:[^/]+/)*")
            index += 3
        elif glob.startswith("**", index):
            made.append(".*")
            index += 2
        elif glob[index] == "*":
            made.append("[^/]*")
            index += 1
        elif glob[index] == "?":
            made.append("[^/]")
            index += 1
        elif glob[index] == "[" and (end := glob.find("]", index + 2)) > 0:
            letters = glob[index + 1 : end].replace("\\", "\\\\").replace("[", "\\[")
            made.append(f"[{'^/' + letters[1:] if letters[0] == '!' else letters}]")
            index = end + 1
        else:
            made.append(glob[index] if glob[index].isalnum() or glob[index] in "_/" or glob[index] > "\x7f" else "\\" + glob[index])
            index += 1
    return f"^{''.join(made)}$"


class Glob:
    """A compiled glob."""

    __slots__ = ("_pattern", "depth", "glob")

    def __init__(self, glob: str) -> None:
        self.glob = glob
        self._pattern = Pattern(translate(glob), "s")
        self.depth = -1 if "**" in glob else glob.count("/") + 1

    def matches(self, path: str) -> bool:
        """Whether the whole path fits."""
        return len(path) <= _LONGEST_PATH and self._pattern.matches(path)


def plain_name(path: str) -> str:
    """A path without the ending of a compression, which says nothing about the document."""
    for ending in COMPRESSIONS:
        if path.endswith(ending):
            return path[: -len(ending)]
    return path


def safe_path(name: str) -> str | None:
    """The name of an archive's member as a relative path; None for one that could lead out of the archive."""
    if not name or "\0" in name or "\\" in name or name.startswith("/") or (len(name) > 1 and name[1] == ":"):
        return None
    parts = [part for part in name.split("/") if part not in ("", ".")]
    return "/".join(parts) if parts and ".." not in parts else None


class Claims:
    """The inputs of a source over the paths of one pack.

    A pack may be wrapped in one extra folder: the first file that only fits without its first part fixes that folder for the pack.
    """

    __slots__ = ("_globs", "_hidden", "prefix")

    def __init__(self, source: Source) -> None:
        self._globs: list[tuple[Input, Glob]] = [(given, Glob(given.glob)) for given in source.inputs]
        if not self._globs:
            self._globs = [(Input("", glob), Glob(glob)) for glob in USUAL[source.format]]
        self._hidden = any(part.startswith(".") for _, glob in self._globs for part in glob.glob.split("/"))
        self.prefix: str | None = None

    def fits(self, path: str) -> bool:
        """Whether some input could claim the path, with or without its first part."""
        path = plain_name(path)
        return not self._is_hidden(path) and (self._claim(path) is not None or self._claim(path.partition("/")[2]) is not None)

    def claim(self, path: str) -> tuple[Input, str] | None:
        """The input that a path belongs to, and the path within the pack (without a wrapping folder and without a compression's ending)."""
        path = plain_name(path)
        if self._is_hidden(path):
            return None
        if self.prefix is None:
            given = self._claim(path)
            if given is not None:
                self.prefix = ""
                return given, path
            top, slash, rest = path.partition("/")
            given = self._claim(rest) if slash else None
            if given is not None:
                self.prefix = top + "/"
                return given, rest
            return None
        if not path.startswith(self.prefix):
            return None
        path = path[len(self.prefix) :]
        given = self._claim(path)
        return (given, path) if given is not None else None

    def _is_hidden(self, path: str) -> bool:
        """Whether a path has a part that begins with a dot, where no glob asks for one."""
        return not self._hidden and (path.startswith((".", "__MACOSX/")) or "/." in path)

    def _claim(self, path: str) -> Input | None:
        for given, glob in self._globs:
            if glob.matches(path):
                return given
        return None

    def explicit(self, parts: Sequence[str]) -> tuple[Input, int] | None:
        """The input for a file that was named by the user, and how many of the last parts of its path its glob speaks of.

        The only input takes any file. Of several, the first whose glob fits the end of the path; None if there is none.
        """
        for given, glob in self._globs:
            depths = (glob.depth,) if glob.depth > 0 else range(1, len(parts) + 1)
            for depth in depths:
                if depth <= len(parts) and glob.matches("/".join(parts[-depth:])):
                    return given, depth if glob.depth > 0 else 1
        if len({given.name for given, _ in self._globs}) == 1:
            return self._globs[0][0], 1
        return None
