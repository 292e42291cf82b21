"""The laws by name, in the order in which they are tried: one list for `stepc verify`, for generated law tests and for reports.

It knows no Hypothesis, so that the compiler can name laws where the tools that try them are not installed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from stepc import ir


@dataclass(frozen=True, slots=True)
class LawGroup:
    """Laws that are tried together. `needs` is what a spec must offer for them to say anything.

    events      any JSON will do: samples make it better
    documents   sample documents of any format
    json        sample documents of JSON
    blind       JSON that a document or a side document is made of
    text        sample texts
    sealed      sample texts with sealed lines
    """

    name: str
    meaning: str
    needs: Literal["events", "documents", "json", "blind", "text", "sealed"]


LAWS: tuple[LawGroup, ...] = (
    LawGroup("total, accounted, bounded", "whatever is pushed, the account adds up and steps fit the schema", "events"),
    LawGroup("causal, deterministic", "the first k events give the first steps of the run, for every k", "events"),
    LawGroup("linear", "work grows with the input and no faster, counted in lines run", "events"),
    LawGroup("blind", "changing what outcome reads, what is sealed or ignored changes no step", "blind"),
    LawGroup("sealed text", "exchanging one sealed line for another of its kind changes no step", "sealed"),
    LawGroup("keys", "unknown keys and the order of keys change no step", "json"),
    LawGroup("damage", "damaged documents give defects and an account that adds up", "documents"),
    LawGroup("live equals batch", "pushing events one by one gives what reading the file gives", "documents"),
    LawGroup("chunking", "bytes give the same events however they are cut", "text"),
)


def applying(program: ir.Program, *, samples: bool) -> tuple[LawGroup, ...]:
    """The laws that can say something of a spec, with samples or without."""
    source = program.source
    text = source.format == "text"
    offered = {"events"}
    if samples:
        offered |= {"documents", "text"} if text else {"documents", "json", "blind"}
        offered |= {"blind"} if source.beside else set()
        offered |= {"sealed"} if _seals_lines(source) else set()
    return tuple(law for law in LAWS if law.needs in offered)


def _seals_lines(source: ir.Source) -> bool:
    kinds = source.event.kinds if isinstance(source.event, ir.EventLines) else ()
    return any(kind.mode == "sealed" for kind in kinds) or any(banner.sealed for given in source.inputs for banner in given.banners)
