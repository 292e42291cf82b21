"""The law tests of a source: a pytest module that a reviewer reads in a minute, one test a law."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from stepc import ir
from stepc.emit.code import WIDTH, bracketed, call, lay_out, literal, prefixed
from stepc.emit.literals import docstring, string
from stepc.emit.models import Header, LawTest, LawTestsFragment
from stepc.emit.render import body_hash
from stepc.verify.lawbook import applying


@dataclass(frozen=True, slots=True)
class LawTests:
    """A module of law tests."""

    text: str
    body_hash: str


def law_tests(program: ir.Program) -> LawTests:
    """The law tests of a program; its `file` is relative to the project, as the tests name it."""
    samples = sample_places(program)
    name = program.source.name
    if samples:
        doc = f"The laws of {name}, tried on mutations of the samples that its examples name, and on arbitrary JSON."
    else:
        doc = f"The laws of {name} that need no samples, tried on arbitrary JSON: none of its examples names a sample."
    arguments = [literal(string(program.file))]
    if samples:
        listed = bracketed("[", [literal(string(sample)) for sample in samples], "]")
        arguments.append(prefixed("samples=", listed))
    arguments.append(literal("beside=__file__"))
    tests = tuple(
        LawTest(
            name=f"test_{re.sub('[^a-z]+', '_', law.name)}",
            doc=tuple(docstring([f"{law.meaning[0].upper()}{law.meaning[1:]}."], 4, WIDTH)),
            law=string(law.name),
        )
        for law in applying(program, samples=bool(samples))
    )
    fragment = LawTestsFragment(
        doc=tuple(docstring([doc], 0, WIDTH)), laws=tuple(lay_out("LAWS = ", call("Laws", *arguments), "", 0)), tests=tests
    )
    body = fragment.render() + "\n"
    digest = body_hash(body)
    header = Header(spec=program.file, language=program.language, spec_hash=ir.identity(program), body_hash=digest).render()
    return LawTests(f"{header}\n{body}", digest)


def sample_places(program: ir.Program) -> tuple[str, ...]:
    """What the examples are given, relative to the project: the folder named as the source where all lie in one, else files and folders."""
    beside = PurePosixPath(program.file).parent
    given = {beside / example.given for example in program.examples}
    outermost = sorted(place for place in given if not given.intersection(place.parents))
    own = {_own_folder(place, beside, {program.source.name, PurePosixPath(program.file).stem}) for place in outermost}
    if len(own) == 1 and None not in own:
        return tuple(str(folder) for folder in own)
    return tuple(str(place) for place in outermost)


def _own_folder(place: PurePosixPath, beside: PurePosixPath, names: set[str]) -> PurePosixPath | None:
    """The folder of a sample that is named as its source, below the spec's; the samples of others lie elsewhere."""
    folders = [folder for folder in (place, *place.parents) if beside in folder.parents]
    return next((folder for folder in folders if folder.name in names), None)
