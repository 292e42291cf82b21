"""The project a command works in: `stepc.toml`, where its specs stand, where generated code goes, and the limits of a run.

    [project]
    specs = "specs"              a folder, or a list of folders and globs, relative to stepc.toml
    out = "generated"            the folder that holds the package of generated modules
    package = "my_adapters"      the import name of that package
    artefacts = "artefacts"      trained monitors
    tests = "tests/generated"    the folder of generated law tests; without it none are written

    [limits]                     bounds of every compiled spec: text, json, calls; see `Limits`

Without a `stepc.toml` above the working directory, the directory itself is the project, with the defaults of `Project`.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

FILE_NAME = "stepc.toml"
SUFFIX = ".stepview"


class ProjectError(Exception):
    """`stepc.toml` cannot be used, or a named spec does not exist. The text is one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of compiled specs that hold by default: text in characters, json in bytes, open calls of an episode."""

    text: int = 4_000
    json: int = 65_536
    calls: int = 1_024


@dataclass(frozen=True, slots=True)
class Project:
    """Where things stand. `root` is absolute; the other places are relative to it."""

    root: Path
    specs: tuple[str, ...] = ("specs",)
    out: str = "generated"
    package: str = "adapters"
    artefacts: str = "artefacts"
    tests: str = ""
    limits: Limits = Limits()

    @property
    def package_folder(self) -> Path:
        """The folder of the generated package."""
        return self.root / self.out / self.package

    def module_path(self, source: str) -> Path:
        """Where the generated module of a source, or of a monitor, stands."""
        return self.package_folder / f"{source}.py"

    def artefact_path(self, monitor: str) -> Path:
        """Where the artefact of a monitor stands."""
        return self.root / self.artefacts / f"{monitor}.monitor"

    def law_tests_path(self, source: str) -> Path | None:
        """Where the law tests of a source stand; None in a project that wants none."""
        return self.root / self.tests / f"test_{source}_laws.py" if self.tests else None

    def relative(self, path: Path) -> str:
        """`path` relative to the root with `/`, or as given where it lies outside."""
        absolute = path.absolute()
        return absolute.relative_to(self.root).as_posix() if absolute.is_relative_to(self.root) else path.as_posix()

    def spec_paths(self) -> list[Path]:
        """Every spec of the project, sorted. Vocabularies are told apart by their text, not here."""
        found: set[Path] = set()
        for pattern in self.specs:
            place = self.root / pattern
            if place.is_dir():
                found.update(place.glob(f"*{SUFFIX}"))
            elif place.is_file():
                found.add(place)
            else:
                found.update(path for path in self.root.glob(pattern) if path.suffix == SUFFIX)
        return sorted(found)

    def resolve(self, name: str) -> Path:
        """The spec that a user names: a path, or the file name of a spec of the project or the working directory without its suffix.

        Raises:
            ProjectError: there is neither.
        """
        path = Path(name)
        if path.suffix == SUFFIX or path.is_file():
            if path.is_file():
                return path
            raise ProjectError(f"there is no spec at {name}")
        specs = self.spec_paths()
        for spec in specs:
            if spec.stem == name:
                return spec
        if Path(f"{name}{SUFFIX}").is_file():
            return Path(f"{name}{SUFFIX}")
        if not specs:
            raise ProjectError(f"there is no spec named {name}: {', '.join(self.specs)} below {self.root} holds no {SUFFIX} file")
        raise ProjectError(f"there is no spec named {name}; there are {', '.join(spec.stem for spec in specs)}")


def find_project(start: Path | None = None) -> Project:
    """The project that holds `start` (default: the working directory).

    Raises:
        ProjectError: `stepc.toml` cannot be read, or says something that is no setting.
    """
    here = (start or Path.cwd()).absolute()
    for folder in (here, *here.parents):
        path = folder / FILE_NAME
        if path.is_file():
            return _read(path)
    return Project(root=here)


def _read(path: Path) -> Project:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ProjectError(f"{FILE_NAME} cannot be read: {error}") from None
    for table, value in content.items():
        if table not in ("project", "limits") or not isinstance(value, dict):
            raise ProjectError(f"{FILE_NAME}: there is no table [{table}]; there are [project] and [limits]")
    return _project(path.parent, content.get("project", {}), _limits(content.get("limits", {})))


def _project(root: Path, table: dict[str, object], limits: Limits) -> Project:
    default = Project(root=root)
    texts = {"out": default.out, "package": default.package, "artefacts": default.artefacts, "tests": default.tests}
    specs = default.specs
    for key, value in table.items():
        if key == "specs":
            listed = value if isinstance(value, list) else [value]
            if not listed or not all(isinstance(item, str) and item for item in listed):
                raise ProjectError(f"{FILE_NAME}: [project] specs wants a text or a list of texts")
            specs = tuple(str(item) for item in listed)
        elif key not in texts:
            raise ProjectError(f"{FILE_NAME}: [project] has no setting {key}; it has specs, out, package, artefacts and tests")
        elif isinstance(value, str) and value:
            texts[key] = value
        else:
            raise ProjectError(f"{FILE_NAME}: [project] {key} wants a text")
    if not texts["package"].isidentifier():
        raise ProjectError(f"{FILE_NAME}: [project] package wants a name that Python can import")
    return Project(root=root, specs=specs, limits=limits, **texts)


def _limits(table: dict[str, object]) -> Limits:
    names = [field.name for field in fields(Limits)]
    values: dict[str, int] = {}
    for key, value in table.items():
        if key not in names:
            raise ProjectError(f"{FILE_NAME}: [limits] has no setting {key}; it has {', '.join(names)}")
        if type(value) is not int or value < 1:
            raise ProjectError(f"{FILE_NAME}: [limits] {key} wants a whole number above 0")
        values[key] = value
    return Limits(**values)
