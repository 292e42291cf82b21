"""Random well-typed expressions, and random events for them."""

from __future__ import annotations

from typing import Any

from emit.programs import BOOL, FLOAT, INT, JSON, RAW, REGEX, STR, TEXTS, const, maybe, path, read, span
from hypothesis import strategies as st

from stepc import ir

KEYS = ("a", "b", "c")
WORDS = ("", "a", "ab", "Error: no", "assistant", "user", "7", "x" * 30, "…", 'say "it\'s"\n{x}\\')
"""Texts that both specs and events hold."""
ODD = (*WORDS, "\ud800", "\x00")

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(ODD),
    st.integers(-3, 3),
    st.sampled_from([2**63, -(2**63), 2**70, 1.0, 0.5, 2.0**53, 1e300]),
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS), inner, max_size=3)), max_leaves=8
)
EVENTS = st.one_of(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=3), VALUES)

PATHS = st.builds(lambda keys: path(*keys), st.lists(st.one_of(st.sampled_from(KEYS), st.integers(0, 1)), min_size=1, max_size=3))
KEY_PATHS = st.builds(lambda keys: path(*keys), st.lists(st.sampled_from(KEYS), min_size=1, max_size=2))


def _either(left: ir.Type, right: ir.Type) -> ir.Type:
    return maybe(left) if left.optional or right.optional else left


def _all(result: ir.Type, *arguments: Any) -> ir.Type:
    return maybe(result) if any(argument.type.optional for argument in arguments) else result


def _read(kind: ir.Type) -> Any:
    return PATHS.map(lambda found: ir.Read(maybe(kind), span(), found, found.site, (("assistant", "agent"), ("user", "user"))))


def _shared(kind: ir.Type, inner: Any) -> list[Any]:
    """Choices, for any type."""
    return [
        st.builds(lambda left, right: ir.Else(ir.Type(kind.name, right.type.optional, kind.item), span(), left, right), inner, inner),
        st.builds(
            lambda test, yes, no: ir.Conditional(_either(ir.Type(kind.name, yes.type.optional, kind.item), no.type), span(), test, yes, no),
            st.deferred(lambda: BOOLS),
            inner,
            inner,
        ),
    ]


def _call(name: str, result: ir.Type, *arguments: Any) -> ir.Call:
    return ir.Call(_all(result, *(item for item in arguments if not isinstance(item, ir.Regex))), span(), name, arguments, f"{name}()")


REGEXES = st.sampled_from([ir.Regex(REGEX, span(), "^[Ee]rror", ""), ir.Regex(REGEX, span(), "(a|b)", "i")])

TEXT: Any = st.deferred(
    lambda: st.one_of(
        st.sampled_from(WORDS).map(const),
        _read(STR),
        _read(STR),
        *_shared(STR, TEXT),
        TEXT.map(lambda text: _call("lower", STR, text)),
        TEXT.map(lambda text: _call("trim", STR, text)),
        st.builds(lambda text, count: _call("head", STR, text, const(count)), TEXT, st.integers(0, 3)),
        PATHS.map(lambda found: _call("text_of", maybe(STR), found)),
        st.builds(lambda text, regex: _call("capture", maybe(STR), text, regex), TEXT, REGEXES),
        st.builds(
            lambda one, other: ir.Template(_all(STR, one, other), span(), ("<", one, "{x}", other)),
            st.one_of(TEXT, NUMBERS),
            st.one_of(TEXT, PATHS),
        ),
    )
)
NUMBERS: Any = st.deferred(
    lambda: st.one_of(
        st.integers(-2, 2).map(const),
        _read(INT),
        *_shared(INT, NUMBERS),
        TEXT.map(lambda text: _call("len", INT, text)),
        PATHS.map(lambda found: _call("len", maybe(INT), found)),
        PATHS.map(lambda found: _call("int", maybe(INT), found)),
    )
)
BOOLS: Any = st.deferred(
    lambda: st.one_of(
        st.booleans().map(const),
        _read(BOOL),
        _read(BOOL),
        *_shared(BOOL, BOOLS),
        st.builds(lambda left, right: ir.And(_either(left.type, right.type), span(), left, right), BOOLS, BOOLS),
        st.builds(lambda left, right: ir.Or(_either(left.type, right.type), span(), left, right), BOOLS, BOOLS),
        BOOLS.map(lambda inner: ir.Not(inner.type, span(), inner)),
        PATHS.map(lambda found: ir.Has(BOOL, span(), found)),
        st.one_of(PATHS, TEXT, BOOLS).map(lambda inner: ir.Present(BOOL, span(), inner)),
        st.one_of(PATHS, TEXT).map(lambda inner: ir.Nonempty(BOOL, span(), inner)),
        st.builds(
            lambda operator, left, right: ir.Compare(_all(BOOL, left, right), span(), operator, left, right),
            st.sampled_from(["==", "!=", "<", ">="]),
            NUMBERS,
            st.one_of(NUMBERS, _read(FLOAT)),
        ),
        st.builds(
            lambda operator, left, right: ir.Compare(_all(BOOL, left, right), span(), operator, left, right),
            st.sampled_from(["==", "!="]),
            TEXT,
            TEXT,
        ),
        st.builds(
            lambda operator, left, right: ir.Compare(maybe(BOOL), span(), operator, left, right),
            st.sampled_from(["==", "!="]),
            PATHS,
            st.one_of(PATHS, TEXT, NUMBERS, BOOLS),
        ),
        st.builds(
            lambda left, words: ir.Member(_all(BOOL, left), span(), left, ir.ListOf(TEXTS, span(), tuple(const(word) for word in words))),
            st.one_of(TEXT, PATHS),
            st.lists(st.sampled_from(WORDS), max_size=4),
        ),
        st.builds(lambda left, right: ir.Member(maybe(BOOL), span(), left, right), TEXT, _read(TEXTS)),
        st.builds(lambda text, part: _call("starts_with", BOOL, text, part), TEXT, TEXT),
        st.builds(lambda text, part: _call("contains", BOOL, text, part), TEXT, TEXT),
        st.builds(lambda text, regex: _call("matches", BOOL, text, regex), TEXT, REGEXES),
    )
)
RAWS: Any = st.deferred(
    lambda: st.one_of(
        PATHS,
        *_shared(RAW, PATHS),
        TEXT.map(lambda text: _call("json", maybe(JSON), text)),
        st.builds(
            lambda one, other: ir.ObjectOf(JSON, span(), (("one", one), ("other", other))),
            st.one_of(TEXT, BOOLS, NUMBERS, PATHS),
            st.one_of(TEXT, PATHS),
        ),
    )
)

__all__ = ["BOOLS", "EVENTS", "KEY_PATHS", "NUMBERS", "RAWS", "TEXT", "VALUES", "read"]
