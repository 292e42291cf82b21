"""An episode step by step as what scorers read: the one way, in training and live.

`Encoder.step` takes a step in, `Encoder.point` closes a decision point; what a point says depends on the steps up to it alone. The state of
an episode is bounded: tables by their size, texts by the plan's maximum.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple
from zlib import crc32

from stepwatch import dense, facts, tokens
from stepwatch.memory import StateError, restored, saved, whole, wholes
from stepwatch.passages import Passages, Wanted
from stepwatch.plan import Feature, Plan, PointPattern

NEEDS: Final = frozenset({"symbol", "dense", "tokens"})
"""What a scorer may read of a point: its typed key, its summary features, its tokens."""

MOST_PARTS: Final = 8
"""Steps of one point that its key spells; of further ones only the last."""
MOST_FRAGMENT: Final = 512
"""Characters of a step's part of a key."""
MOST_FRAGMENTS: Final = 1_024
"""Spellings of one step type that an encoder keeps at hand."""
MOST_TOKENS: Final = 4_096
"""Tokens of one point."""
WORDS: Final = 512
"""Characters of a text whose feature says no maximum."""
MOST_AGAIN: Final = 3
"""Repetitions of a value that tokens tell apart."""


class Point(NamedTuple):
    """A decision point: its number from 1 on, the typed key of the steps since the one before, the summaries so far, its tokens, and the
    fingerprint of its key with the key before."""

    index: int  # type: ignore[assignment]  # the number of a point, not where a tuple holds a value
    key: str
    dense: Sequence[float]
    tokens: Sequence[int]
    pair: int = 0


See = Callable[[list[Any], list[float], Any], None]
"""Takes the value of a step in: `dense.Summary.see`."""

_made: Final = tuple.__new__
"""Makes a named tuple without its constructor, which costs as much as the rest of a point of a table."""


class State:
    """One episode under an encoder: what later points may depend on."""

    __slots__ = ("before", "index", "key", "last", "memories", "parts", "points", "seen", "steps", "taken", "tokens", "values")

    def __init__(self, memories: list[Any], values: list[float], points: list[int], seen: list[int]) -> None:
        self.index = 0
        self.steps = 0
        self.key = ""
        self.last = ""
        self.parts = 0
        self.before = 0
        self.tokens: list[int] = []
        self.taken = 0
        """Tokens of the point at hand, those included that nobody reads."""
        self.memories = memories
        self.values = values
        self.points = points
        self.seen = seen

    def save(self) -> dict[str, Any]:
        """The state as JSON."""
        return {name: saved(getattr(self, name)) for name in self.__slots__}


class Fragment(NamedTuple):
    """What the symbols of a step say: its part of the key, the same as bytes, the point patterns it fits as bits, its tokens, and those of
    them that are read."""

    text: str
    spelled: bytes
    points: int
    all: list[int]
    tokens: list[int]


Told = tuple[Sequence[int], Sequence[int]]
"""Tokens, and those of them that are read."""


class _Repeats:
    """Tokens of how often a value came before, with the same symbols."""

    __slots__ = ("_buckets", "_mark", "_number", "_told", "place")

    def __init__(self, place: int, buckets: list[int], wanted: Wanted, number: int, summary: dense.Recurrence) -> None:
        self.place = place
        self._buckets = buckets
        self._told: list[Told] = [((), ()), *(([bucket], list(wanted.of([bucket]))) for bucket in self._buckets)]
        self._number = number
        self._mark = summary.mark

    def take(self, memories: list[Any], out: list[float], fragment: Fragment, value: Any, written: str | None) -> Told:
        """Take in a value; its text, where somebody has written it."""
        text = value if type(value) is str else written or dense.written(value)
        mark = crc32(fragment.spelled, crc32(text.encode("utf-8", "replace")))
        again = self._mark(memories[self._number], out, mark)
        return self._told[again if again < MOST_AGAIN else MOST_AGAIN]

    def named(self, name: str, value: Any) -> Iterator[tuple[int, str]]:
        """The buckets that a value may lead to, with their names."""
        return ((bucket, f"{name} again") for bucket in self._buckets)


class _Shape:
    """Tokens of the keys of a value and what stands there."""

    __slots__ = ("_buckets", "_wanted", "place")

    def __init__(self, place: int, start: int, wanted: Wanted) -> None:
        self.place = place
        self._buckets = tokens.Names(start)
        self._wanted = wanted

    def take(self, memories: list[Any], out: list[float], fragment: Fragment, value: Any, written: str | None) -> Told:
        """The tokens of a value."""
        told = list(map(self._buckets.__getitem__, tokens.shape(value)))
        return told, list(self._wanted.of(told))

    def named(self, name: str, value: Any) -> Iterator[tuple[int, str]]:
        """The buckets of a value with their names."""
        return ((self._buckets[part], f"{name} {part}") for part in tokens.shape(value))


class _Size:
    """A token of how large a number is."""

    __slots__ = ("_buckets", "_number", "_see", "_wanted", "place")

    def __init__(self, place: int, start: int, wanted: Wanted, number: int, see: See | None) -> None:
        self.place = place
        self._buckets = tokens.Names(start)
        self._wanted = wanted
        self._number = number
        self._see = see

    def take(self, memories: list[Any], out: list[float], fragment: Fragment, value: Any, written: str | None) -> Told:
        """Take in a number."""
        if self._see is not None:
            self._see(memories[self._number], out, value)
        told = [self._buckets[tokens.size_of(value)]]
        return told, list(self._wanted.of(told))

    def named(self, name: str, value: Any) -> Iterator[tuple[int, str]]:
        """The bucket of a number with its name."""
        size = tokens.size_of(value)
        yield self._buckets[size], f"{name} of size {size}"


class _Kind:
    """How steps of one type are read."""

    __slots__ = ("fragments", "name", "patterns", "place", "rest", "salt", "summaries", "symbols", "texts", "token_work")

    def __init__(self, name: str, place: int) -> None:
        self.name = name
        self.place = place
        self.salt = tokens.salt(name)
        self.symbols: list[str] = []
        self.patterns: list[tuple[int, tuple[tuple[str, Any], ...]]] = []
        self.rest: list[str] = []
        self.summaries: list[tuple[int, int, See]] = []
        """Place in `rest`, number of the summary, what takes the value in."""
        self.texts: list[tuple[int, Passages, int, See | None]] = []
        """Place in `rest`, what reads texts, number of the summary, what takes the text in where its summary is read."""
        self.token_work: list[_Repeats | _Shape | _Size] = []
        self.fragments: dict[tuple[Any, ...], Fragment] = {}

    def head(self) -> tuple[str, ...]:
        """The fields that make a fragment."""
        asked = [field for _, pairs in self.patterns for field, _ in pairs]
        return tuple(dict.fromkeys([*self.symbols, *asked]))


class Encoder:
    """Steps to points, by a plan and what scorers need of it.

    `names` are the names of the dense features, in order, fixed by the plan. Without need of `dense` or `tokens` those of a point are
    empty and cost nothing. `summaries` are the places of the dense features that are read: others may stay 0. `buckets` are those whose
    tokens are read: others are left out of a point, though they count for how many it may have, and the tokens of a point are then their
    places among `buckets`, from 1 on, instead of the buckets. None: all of them.
    """

    def __init__(
        self,
        plan: Plan,
        needs: Iterable[str] = NEEDS,
        *,
        summaries: Collection[int] | None = None,
        buckets: Sequence[int] | None = None,
    ) -> None:
        self.plan = plan
        self.needs = frozenset(needs)
        self._read = None if summaries is None else frozenset(summaries)
        self._wanted = Wanted(buckets)
        self._dense = "dense" in self.needs
        self._tokens = "tokens" in self.needs
        self._full = self._dense or self._tokens
        self._kinds = {name: _Kind(name, place) for place, name in enumerate(plan.steps)}
        self._readers: dict[type[Any], tuple[_Kind, facts.Reader, facts.Reader | None, bool]] = {}
        self._summaries: list[dense.Summary] = []
        self._names: list[str] = []
        self._kept: set[int] = set()
        """The summaries that are kept up."""
        self._volume: dense.Volume | None = None
        self._volume_at = -1
        self.fragments: dict[str, int] = {}
        """The bucket of each part of a key that came, as far as there is room."""
        for number, pattern in enumerate(plan.points):
            if pattern.step in self._kinds:
                self._kinds[pattern.step].patterns.append((1 << number, tuple(pattern.fields.items())))
        if self._dense:
            self._lay_out()
        for feature in plan.features:
            for name in feature.steps:
                if name in self._kinds:
                    self._take(feature, self._kinds[name])

    @property
    def names(self) -> tuple[str, ...]:
        """What the dense features are called."""
        return tuple(self._names) if self._dense else ()

    def begin(self) -> State:
        """A new episode."""
        patterns, types = len(self.plan.points), len(self.plan.steps)
        memories = [summary.start() if number in self._kept else [] for number, summary in enumerate(self._summaries)]
        return State(memories, [0.0] * len(self._names), [0] * (2 * patterns), [0] * (2 * types))

    def step(self, state: State, step: Any) -> bool:
        """Take in a step; whether it makes the end of its event a decision point. A type that the plan does not know is passed over."""
        known = self._readers.get(type(step))
        if known is None:
            known = self._reader(step)
            if known is None:
                return False
        kind, head, rest, closed = known
        values = head(step)
        try:
            fragment = kind.fragments.get(values) if closed else None
        except TypeError:  # a list where a plain value should be
            fragment, closed = None, False
        if fragment is None:
            fragment = self._fragment(kind, values, closed)
        if state.parts < MOST_PARTS:
            state.key += fragment.text
        else:
            state.last = fragment.text
        state.parts += 1
        state.steps += 1
        if rest is not None:
            self._more(state, kind, fragment, rest(step))
        return fragment.points != 0

    def point(self, state: State) -> Point:
        """Close a decision point: what scorers may read now."""
        index = state.index = state.index + 1
        key = state.key
        if state.last:
            key = f"{key}…{state.last}"
            state.last = ""
        point = self._close(state, index, key) if self._full else _made(Point, (index, key, (), (), 0))
        state.key = ""
        state.parts = 0
        return point

    def load(self, value: Any) -> State:
        """The state that `State.save` gave.

        Raises:
            StateError: It is none of this encoder's.
        """
        if type(value) is not dict or value.keys() != set(State.__slots__):
            raise StateError("state: an object of the encoder's keys is needed")
        state = self.begin()
        for name in ("index", "steps", "parts"):
            setattr(state, name, whole(value[name], name))
        state.taken = whole(value["taken"], "taken", 0, MOST_TOKENS)
        state.before = whole(value["before"], "before", 0, 0xFFFFFFFF)
        for name in ("key", "last", "memories", "values", "points", "seen"):
            setattr(state, name, restored(value[name], getattr(state, name), name))
        state.tokens = wholes(value["tokens"], MOST_TOKENS, "tokens")
        if any(token not in self._wanted.numbers for token in state.tokens):
            raise StateError("tokens: numbers of buckets are needed")
        return state

    def named(self, point: Point, steps: Sequence[Any], asked: Iterable[int]) -> dict[int, tuple[int, str]]:
        """What some tokens of a point say, from the steps at hand: by token the number of the step among `steps` (-1: none), and a name.

        Names come from texts that are there now; none is kept anywhere.
        """
        names: dict[int, tuple[int, str]] = {}
        pending = {self._wanted.bucket(token): token for token in asked}
        for number, step in enumerate(steps):
            known = (self._readers.get(type(step)) or self._reader(step)) if pending else None
            if known is not None:
                kind, head, rest, _ = known
                for bucket, name in self._named(kind, head(step), rest(step) if rest is not None else (), pending):
                    if bucket in pending:
                        names[pending.pop(bucket)] = (number, name)
                        if not pending:
                            break
        last = max(len(steps) - 1, 0)
        key, pair = self._ends(crc32(point.key.encode("utf-8", "replace")), point.pair)
        for bucket, name in ((key, point.key), (pair, f"{point.key} after the point before")):
            if bucket in pending:
                names[pending.pop(bucket)] = (last, name)
        names.update({token: (-1, f"token {bucket}") for bucket, token in pending.items()})
        return names

    # ---- how the plan is laid out ------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        """The numbers that do not hang on a feature: place, types, patterns, keys."""
        self._names += ["points", "steps", "steps in the point"]
        for name in self.plan.steps:
            self._names += [f"{name} total", f"{name} since"]
        for pattern in self.plan.points:
            self._names += [f"point {spelled(pattern)} total", f"point {spelled(pattern)} since"]
        self._counted = self._is_read(0, len(self._names))
        key = dense.Recurrence(len(self._names), "point")
        self._keys, self._mark_key = self._add(key), key.mark
        pair = dense.Recurrence(len(self._names), "pair of points")
        self._pairs, self._mark_pair = self._add(pair), pair.mark
        volume = dense.Volume(len(self._names))
        self._volume_at = self._add(volume)
        self._volume = volume if self._volume_at >= 0 else None

    def _is_read(self, begin: int, count: int) -> bool:
        """Whether some of these dense features are read."""
        return self._dense and (self._read is None or not self._read.isdisjoint(range(begin, begin + count)))

    def _add(self, summary: dense.Summary, wanted: bool = False) -> int:
        """Give a summary its numbers; its own number, or -1 where none of its features is read and nothing else wants it."""
        number = len(self._summaries)
        self._summaries.append(summary)
        self._names += summary.names
        if not wanted and not self._is_read(summary.at, len(summary.names)):
            return -1
        self._kept.add(number)
        return number

    def _take(self, feature: Feature, kind: _Kind) -> None:
        name, at = f"{kind.name}.{feature.field}", len(self._names)
        if feature.kind == "symbol":
            kind.symbols.append(feature.field)
            if not self._dense:
                return
            if True in feature.values:
                self._watch(kind, feature.field, dense.Truth(at, name))
            elif feature.values:
                self._watch(kind, feature.field, dense.Members(at, name, feature.values))
            else:
                self._watch(kind, feature.field, dense.Recurrence(at, name))
            return
        if not self._full:
            return
        start = tokens.salt(f"{name}:")
        if feature.kind == "words":
            number = self._add(dense.Wording(at, name)) if self._dense else -1
            self._take_text(feature, kind, start, number)
        elif feature.kind == "repeats":
            buckets = [tokens.bucket(_again(count), start) for count in range(1, MOST_AGAIN + 1)]
            told = self._tokens and any(self._wanted.number_of(bucket) is not None for bucket in buckets)
            summary = dense.Recurrence(at, f"{name} repeated")
            number = self._add(summary, wanted=told)
            if number >= 0:
                kind.token_work.append(_Repeats(self._rest(kind, feature.field), buckets, self._wanted, number, summary))
        elif feature.kind == "shape":
            if self._tokens:
                kind.token_work.append(_Shape(self._rest(kind, feature.field), start, self._wanted))
        elif feature.kind == "number":
            quantity = dense.Quantity(at, name)
            number = self._add(quantity) if self._dense else -1
            see = quantity.see if number >= 0 else None
            kind.token_work.append(_Size(self._rest(kind, feature.field), start, self._wanted, number, see))
        elif self._dense:
            self._gaps(kind, feature.field)

    def _take_text(self, feature: Feature, kind: _Kind, start: int, number: int) -> None:
        if not self._tokens and number < 0 and self._volume is None:
            return
        passages = Passages(start, feature.maximum or WORDS, self._wanted if self._tokens else None, number >= 0)
        see = self._summaries[number].see if number >= 0 else None
        kind.texts.append((self._rest(kind, feature.field), passages, number, see))

    def _gaps(self, kind: _Kind, field: str) -> None:
        numbers = [number for number, summary in enumerate(self._summaries) if isinstance(summary, dense.Gaps)]
        number = numbers[0] if numbers else self._add(dense.Gaps(len(self._names)))
        if number in self._kept:
            kind.summaries.append((self._rest(kind, field), number, self._summaries[number].see))

    def _watch(self, kind: _Kind, field: str, summary: dense.Summary) -> None:
        number = self._add(summary)
        if number >= 0:
            kind.summaries.append((self._rest(kind, field), number, summary.see))

    def _rest(self, kind: _Kind, field: str) -> int:
        if field not in kind.rest:
            kind.rest.append(field)
        return kind.rest.index(field)

    # ---- reading steps -----------------------------------------------------------------------------------------------

    def _reader(self, step: Any) -> tuple[_Kind, facts.Reader, facts.Reader | None, bool] | None:
        """How to read this step; kept by its class, unless it is a mapping: those are of any type."""
        known = self._kinds.get(facts.type_of(step))
        if known is None:
            return None
        made = type(step)
        rest = facts.reader(made, tuple(known.rest)) if self._full else None
        found = (known, facts.reader(made, known.head()), rest, facts.tells_apart(made, known.head()))
        if not isinstance(step, Mapping) and len(self._readers) < facts.MOST_CLASSES:
            self._readers[made] = found
        return found

    def _fragment(self, kind: _Kind, values: tuple[Any, ...], closed: bool) -> Fragment:
        given = dict(zip(kind.head(), values, strict=True))
        symbols = [tokens.symbol(given[name]) for name in kind.symbols]
        text = f"{kind.name}({','.join(symbols)})"[:MOST_FRAGMENT]
        points = 0
        for bit, pairs in kind.patterns:
            if all(fits(given[name], value) for name, value in pairs):
                points |= bit
        found: list[int] = []
        if self._tokens:
            found = [fragment_bucket(text, kind.salt)]
            if len(self.fragments) < MOST_FRAGMENTS:
                self.fragments[text] = found[0]
            if len(symbols) > 1:
                found += [tokens.bucket(f".{name}={value}", kind.salt) for name, value in zip(kind.symbols, symbols, strict=True)]
        fragment = Fragment(text, text.encode("utf-8", "replace"), points, found, list(self._wanted.of(found)))
        if closed and len(kind.fragments) < MOST_FRAGMENTS:
            kind.fragments[values] = fragment
        return fragment

    def _named(self, kind: _Kind, head: tuple[Any, ...], values: tuple[Any, ...], asked: Collection[int]) -> Iterator[tuple[int, str]]:
        """The tokens of a step with their names; of its texts those that are asked for."""
        fragment = self._fragment(kind, head, closed=False)
        if not self._tokens:
            return
        given = dict(zip(kind.head(), head, strict=True))
        labels = [fragment.text, *(f"{kind.name}.{name}={tokens.symbol(given[name])}" for name in kind.symbols)]
        yield from zip(fragment.all, labels, strict=False)
        for place, passages, _, _ in kind.texts:
            text = values[place]
            if text is not None:
                for bucket, name in passages.named(text if type(text) is str else dense.written(text), asked, MOST_TOKENS):
                    yield bucket, f'{kind.name}.{kind.rest[place]} "{name}"'
        for work in kind.token_work:
            value = values[work.place]
            if value is not None:
                yield from work.named(f"{kind.name}.{kind.rest[work.place]}", value)

    def _more(self, state: State, kind: _Kind, fragment: Fragment, values: tuple[Any, ...]) -> None:
        """What summaries and tokens take from a step."""
        memories, out = state.memories, state.values
        for place, number, see in kind.summaries:
            see(memories[number], out, values[place])
        if self._tokens:
            self._take_in(state, fragment.tokens, fragment.all)
        written: dict[int, str] = {}
        characters = 0
        for place, passages, number, take in kind.texts:
            text = values[place]
            if type(text) is not str:
                if text is None:
                    continue
                text = written[place] = dense.written(text)
            length = len(text)
            characters += length
            found, total, novel = passages.read(text)
            if take is not None:
                take(memories[number], out, (length, novel))
            total += state.taken
            if total <= MOST_TOKENS:
                state.taken = total
                state.tokens += found
            else:
                self._take_in(state, (), passages.all(text))
        if characters and self._volume is not None:
            self._volume.see(memories[self._volume_at], out, characters)
        for work in kind.token_work:
            place = work.place
            value = values[place]
            if value is not None:
                told, read = work.take(memories, out, fragment, value, written.get(place))
                if told and self._tokens:
                    self._take_in(state, read, told)
        if self._dense:
            place, seen = kind.place * 2, state.seen
            seen[place] += 1
            seen[place + 1] = state.steps
            points, bits, number = state.points, fragment.points, 0
            while bits:
                if bits & 1:
                    points[number] += 1
                    points[number + 1] = state.index + 1
                bits >>= 1
                number += 2

    def _take_in(self, state: State, read: Sequence[int], found: Sequence[int]) -> None:
        """Take in tokens, `read` those of them that somebody reads; where there is no room for all of them, as many as there is."""
        total = state.taken + len(found)
        if total <= MOST_TOKENS:
            state.taken = total
            state.tokens += read
        else:
            state.tokens += self._wanted.of(found[: MOST_TOKENS - state.taken])
            state.taken = MOST_TOKENS

    def _close(self, state: State, index: int, key: str) -> Point:
        mark = crc32(key.encode("utf-8", "replace"))
        pair = crc32(state.before.to_bytes(4, "little"), mark)
        found = state.tokens
        if self._tokens:
            found += self._wanted.of(self._ends(mark, pair))
            state.tokens = []
            state.taken = 0
        if self._dense:
            out, memories = state.values, state.memories
            if self._counted:
                self._count(state, out)
            if self._keys >= 0:
                self._mark_key(memories[self._keys], out, mark)
            if self._pairs >= 0:
                self._mark_pair(memories[self._pairs], out, pair)
            if self._volume is not None:
                self._volume.close(memories[self._volume_at], out)
        state.before = mark
        return _made(Point, (index, key, state.values[:] if self._dense else (), found, pair))

    def _ends(self, mark: int, pair: int) -> tuple[int, int]:
        """The tokens of a point's key, and of that with the key before."""
        return crc32(b"key", mark) & tokens.MASK, crc32(b"pair", pair) & tokens.MASK

    def _count(self, state: State, out: list[float]) -> None:
        """The numbers that do not hang on a feature."""
        index, steps, seen, points = state.index, state.steps, state.seen, state.points
        counts = [index, steps, state.parts, *seen, *points]
        behind = 3 + len(seen)
        # Behind each total stands when it last rose: what counts is how long ago that was.
        counts[4:behind:2] = [steps - last for last in seen[1::2]]
        counts[behind + 1 :: 2] = [index - last for last in points[1::2]]
        out[: len(counts)] = dense.logs(counts)


def fragment_bucket(text: str, salt: int | None = None) -> int:
    """The bucket of a step's part of a key; `salt`: that of the name of its type."""
    return tokens.bucket(text, tokens.salt(text.partition("(")[0]) if salt is None else salt)


def _again(count: int) -> str:
    """The name of the token of a value that came so often before."""
    return f"again {count}"


def fits(value: Any, wanted: Any) -> bool:
    """Whether a field has the value that a pattern wants: true is not 1, and an absent value fits None alone."""
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    return type(value) in (str, int, float, type(None)) and bool(value == wanted)


def spelled(pattern: PointPattern) -> str:
    """A pattern as the spec writes it."""
    pairs = ", ".join(f"{name}: {tokens.symbol(value)}" for name, value in pattern.fields.items())
    return f"{pattern.step}{{{pairs}}}" if pairs else pattern.step
