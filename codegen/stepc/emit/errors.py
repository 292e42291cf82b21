"""Mistakes of the compiler itself, with the place of the spec it was working on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from stepc.source_text import Span


class EmitError(Exception):
    """The emitter met a program it cannot print, or printed something it must not. Reported as SV900.

    `span` is the place of the spec in hand, None where there is none.
    """

    def __init__(self, message: str, span: Span | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.span = span


@contextmanager
def located(span: Span) -> Iterator[None]:
    """Every failure inside becomes an `EmitError` at `span`, unless it already has a place."""
    try:
        yield
    except EmitError as error:
        if error.span is None:
            raise EmitError(error.message, span) from error
        raise
    except Exception as error:
        raise EmitError(f"{type(error).__name__}: {error}", span) from error
