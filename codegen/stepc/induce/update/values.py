"""Changes of a spec that follow values: kinds of events that are new or spelled anew, and values of another type."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

from stepc.check.paths import show
from stepc.check.printer import string
from stepc.induce import words
from stepc.induce.update.moves import Change
from stepc.induce.update.picture import Kind, Picture
from stepc.induce.update.places import Edit, Parts, Place, parts_of, places, walk
from stepc.ir import Program
from stepc.runtime.run import RunAccount
from stepc.syntax import tree

MOST_VALUES = 12
_NEW_ARM = 0.3
"""How much speaks for an arm of its own: less than for anything that is like what the spec knows."""
_CHECK = "// check: new in these traces"


class Values:
    """What may have become of the values that one spec tells events apart by, and of the types of others."""

    def __init__(self, text: str, file: tree.File, program: Program, new: Picture, old: Picture | None) -> None:
        self._text = text
        self._file = file
        self._program = program
        self._new = new
        self._old = old
        self._places = places(file, program)
        self._match = next((item for item in file.items if isinstance(item, tree.Match)), None)
        events = [parts for fact in program.reads if fact.context == "event" and (parts := parts_of(fact.path)) is not None]
        self._events: Parts | None = events[0] if len(events) == 1 else None
        self._subject = self._subject_parts()

    def _subject_parts(self) -> Parts | None:
        if self._match is None or self._events is None:
            return None
        subject = self._match.subject
        return next(
            (place.parts for place in self._places if place.path is subject and place.parts[: len(self._events)] == self._events), None
        )

    # ---- discriminants

    def kinds(self, account: RunAccount) -> Iterator[Change]:
        """Changes for events that no arm takes, by the counts of an account."""
        match, events, subject = self._match, self._events, self._subject
        if match is None or events is None or subject is None:
            return
        here = self._new.kinds(events, subject)
        before = self._old.kinds(events, subject) if self._old is not None else {}
        known = self._known(match)
        unknown = sorted(account.account.unknown_values.items(), key=lambda item: (-item[1], item[0]))[:MOST_VALUES]
        for value, _ in unknown:
            if value not in here or value in known:
                continue
            for other, arm in known.items():
                like = self._alike(value, here[value], other, arm, other in here, before.get(other))
                if like > _NEW_ARM:
                    yield Change(f"{string(value)} is read as {string(other)}", tuple(self._beside(other, value)), like)
            edit = self._arm(match, value, here[value])
            if edit is not None:
                yield Change(f"{string(value)} is a new kind of event", (edit,), _NEW_ARM)

    @staticmethod
    def _known(match: tree.Match) -> dict[str, tree.Arm]:
        found: dict[str, tree.Arm] = {}
        for arm in match.arms:
            for pattern in arm.patterns:
                if isinstance(pattern, tree.Literal_) and isinstance(pattern.value, str):
                    found.setdefault(pattern.value, arm)
        return found

    def _alike(self, value: str, kind: Kind, other: str, arm: tree.Arm, still: bool, before: Kind | None) -> float:
        """How much speaks for `value` being what `other` was: its words, what its events hold, and that the other is gone."""
        meaning = words.kind(value), words.kind(other)
        said = 1.0 if meaning[0] == meaning[1] is not None else 0.0 if None not in meaning else 0.4
        spelled = SequenceMatcher(None, value.casefold()[:64], other.casefold()[:64], autojunk=False).ratio()
        if before is not None:
            keys = kind.keys.keys() | before.keys.keys()
            common = sum(min(kind.keys.get(key, 0) / kind.events, before.keys.get(key, 0) / before.events) for key in keys)
            held = common / max(len(keys), 1)
            place = 1 - abs(kind.first / kind.events - before.first / before.events)
            held = 0.6 * held + 0.4 * place
        else:
            read = self._read_in(arm)
            held = len(read & kind.keys.keys()) / len(read) if read else 0.3
        like = 0.3 * said + 0.2 * spelled + 0.35 * held + (0.0 if still else 0.15)
        # What is still there under its own name is seldom there under another one too.
        return like if said == 1.0 or not still else 0.5 * like

    def _read_in(self, arm: tree.Arm) -> set[str]:
        """The keys of an event that an arm reads."""
        depth = len(self._events or ())
        return {
            part
            for place in self._places
            if place.context == "match" and arm.span.start <= place.path.span.start < arm.span.end and len(place.parts) > depth
            if (part := place.parts[depth]) is not None and place.parts != self._subject
        }

    def _beside(self, other: str, value: str) -> Iterator[Edit]:
        """The edits that write `value` wherever the spec writes `other`: in arms, in spellings, in comparisons."""
        assert self._match is not None
        for arm in self._match.arms:
            for pattern in arm.patterns:
                if isinstance(pattern, tree.Literal_) and pattern.value == other:
                    yield Edit(pattern.span.end, pattern.span.end, f", {string(value)}")
        spelled = set()
        for item in self._file.items:
            if isinstance(item, tree.Enum):
                spelled.add(item.name.text)
                for member in item.members:
                    if other in member.spellings:
                        yield Edit(member.span.end, member.span.end, f", {string(value)}")
                    elif not member.spellings and member.name.text == other:
                        yield Edit(member.span.end, member.span.end, f" = {string(other)}, {string(value)}")
        for enum in self._program.enums:
            members = {name: [raw for raw, member in enum.spellings if member == name] or [name] for name in enum.members}
            if enum.name in spelled or not any(other in raws for raws in members.values()):
                continue
            lines = [f"  {name} = {', '.join(map(string, (*raws, value) if other in raws else raws))}" for name, raws in members.items()]
            start = self._match.span.start
            start -= len(self._documented(start))
            yield Edit(start, start, f"reads {enum.name} {{\n" + "\n".join(lines) + "\n}\n\n")
        for compare in walk(self._file, tree.Binary):
            sides = (compare.left, compare.right)
            literal = next((side for side in sides if isinstance(side, tree.Literal_) and side.value == other), None)
            path = next((side for side in sides if isinstance(side, tree.Path)), None)
            if literal is None or path is None or not self._is_subject(path):
                continue
            found = f"{self._text[path.span.start : path.span.end]} in [{string(other)}, {string(value)}]"
            if compare.operator in ("==", "!="):
                yield Edit(compare.span.start, compare.span.end, found if compare.operator == "==" else f"not ({found})")

    def _documented(self, start: int) -> str:
        """The doc comments right above a place."""
        above = ""
        lines = self._text[:start].split("\n")
        for line in reversed(lines[:-1]):
            if not line.lstrip().startswith("//"):
                break
            above = line + "\n" + above
        return above + lines[-1]

    def _is_subject(self, path: tree.Path) -> bool:
        return any(place.path is path and place.parts == self._subject for place in self._places)

    def _arm(self, match: tree.Match, value: str, kind: Kind) -> Edit | None:
        """An arm of its own for a kind of events: what they say is observed, or nothing of them is read."""
        last = match.arms[-1]
        if last.patterns:
            return None
        start = last.span.start
        start -= len(self._documented(start))
        texts = [name for name in kind.texts if kind.texts[name] and name != (self._subject or ("",))[-1]]
        text = words.pick(texts, words.TEXT_KEYS)
        if text is not None and text.isidentifier() and any(step.name == "Observed" for step in self._program.steps):
            body = f'emit Observed {{\n    channel = {string(value[:40])}\n    text = .{text} else ""\n  }}'
        else:
            body = 'ignore "new in these traces: nothing of it is read"'
        return Edit(start, start, f"  {_CHECK}\n  {string(value)} => {body}\n")

    # ---- files

    def form(self) -> Iterator[Change]:
        """Documents that are written one a line now, or no longer."""
        source = next((item for item in self._file.items if isinstance(item, tree.Source)), None)
        name = source.format if source is not None else None
        if name is not None and len(self._new.forms) == 1 and {name.text, *self._new.forms} == {"json", "jsonl"}:
            form = min(self._new.forms)
            yield Change(f"files are {form} now", (Edit(name.span.start, name.span.end, form),), 1.0)

    # ---- types

    def types(self, account: RunAccount) -> Iterator[Change]:
        """Changes for values that are of another type than the spec reads."""
        sites = {item.site for item in account.defects if item.kind in ("wrong_type", "bad_value", "bad_json")}
        done: set[Parts] = set()
        for place in self._places:
            if place.parts in done or place.context in ("episode", "event"):
                continue
            node = self._new.at(place.side, place.parts)
            old = self._old.at(place.side, place.parts) if self._old is not None else None
            retyped = old is not None and node is not None and old.mainly != node.mainly
            if node is None or not (retyped or self._site(place) in sites):
                continue
            done.add(place.parts)
            for wrap, why in _readings(node.mainly, node.shapes, node.whole):
                yield from self._wrapped(place, wrap, why)
            yield from self._bare(place)

    def _site(self, place: Place) -> str:
        return next(
            (show(fact.path) for fact in self._program.reads if parts_of(fact.path) == place.parts and fact.path.side == place.side), ""
        )

    def _wrapped(self, place: Place, wrap: str, why: str) -> Iterator[Change]:
        """Every value read at this path is read through a function. Once with the guards that ask for a text, once without."""
        guards = {item.operand.span.start for item in walk(self._file, tree.Unary) if item.operator != "not"}
        calls = {one.span.start: call.function.text for call in walk(self._file, tree.Call) for one in call.arguments}
        own = [
            one.path
            for one in self._places
            if one.parts == place.parts and one.side == place.side and calls.get(one.path.span.start) != wrap.split("(")[0]
        ]
        paths = {path.span.start: path for path in own}
        for without in (True, False):
            edits = []
            for start, path in sorted(paths.items()):
                if without and start in guards:
                    continue
                written = self._text[path.span.start : path.span.end]
                edits.append(Edit(path.span.start, path.span.end, wrap.format(written)))
            if edits:
                yield Change(f"`{self._site(place)}` is {why} now", tuple(edits), 0.5 if without else 0.45)

    def _bare(self, place: Place) -> Iterator[Change]:
        """Values that were JSON or numbers in a text, and now are such: the function that read them is taken out."""
        edits = [
            Edit(call.span.start, call.span.end, self._text[one.span.start : one.span.end])
            for call in walk(self._file, tree.Call)
            if call.function.text in ("json", "int", "float") and len(call.arguments) == 1
            for one in call.arguments
            if any(known.path is one and known.parts == place.parts for known in self._places)
        ]
        if edits:
            yield Change(f"`{self._site(place)}` is no longer written in a text", tuple(sorted(edits)), 0.6)


def _readings(kind: str, shapes: dict[str, int], whole: bool) -> Iterator[tuple[str, str]]:
    """Ways to read a value of a kind where another was read."""
    if kind in ("list", "object", "number", "boolean"):
        yield "text_of({})", f"a {kind}"
    if kind == "text":
        if shapes.get("json"):
            yield "json({})", "JSON in a text"
        if shapes.get("number"):
            yield ("int({})" if whole else "float({})"), "a number in a text"
        yield '({} == "true")', "a text"
        yield '({} == "True")', "a text"
    if kind == "number":
        yield "({} == 1)", "a number"
