"""Fields of steps as monitors name them: `field` of every step that has it, or `Step.field`. Nothing else can be named."""

from __future__ import annotations

from typing import Final

from stepc import ir
from stepc.check import types
from stepc.check.report import choose, replace_by
from stepc.check.suggest import nearest
from stepc.check.world import Step, World
from stepc.diagnostics.model import Label
from stepc.syntax import tree

TIME_FIELD: Final = "at"
"""The field that `time` of a source gives every step."""
_BLOCKS: Final = ("outcome", "meta", "start", "state")
_LATE: Final = {
    "outcome": "is known only when the run is over",
    "meta": "is there for splits and reports",
    "start": "is a fact of the episode, not of a step",
    "state": "is the memory of the adapter",
}


class Fields:
    """The fields of the steps that a source emits, by step in the order of the program."""

    def __init__(self, world: World, *, timed: bool) -> None:
        self.world = world
        self.timed = timed
        # A step that no rule emits tells nothing; with mistakes in `match` nobody knows which these are.
        self.unsure = world.report.failed() or not world.emitted
        self.steps = [step for step in world.steps.values() if self.unsure or step.name in world.emitted]

    def of(self, written: tree.StepField) -> dict[str, ir.Type] | None:
        """The types of a named field by step; None, with a diagnostic, where no step has it."""
        name = written.field.text
        if written.step is not None:
            return self._of_step(written, written.step, name)
        found = {step.name: declared for step in self.steps if (declared := self._type(step, name)) is not None}
        if found:
            return found
        self._unknown(written.field)
        return None

    def filled(self, step: str, field: str) -> bool:
        """Whether some rule gives this field a value, as far as is known."""
        return self.unsure or (step, field) in self.world.filled or (self.timed and field == TIME_FIELD)

    def is_step(self, name: tree.Name) -> bool:
        """Whether a name is one of a step, as far as is known; a field in its place is reported."""
        world = self.world
        if name.text in world.steps or world.lost:
            return True
        block = next((block for block in _BLOCKS if name.text in getattr(world, block)), None)
        if block is not None:
            self._closed(name, block, name.text)
            return False
        having = [step for step in self.steps if name.text in step.fields]
        if not having:
            return True
        step = having[0]
        sample = {"bool": "true", "str": '"…"', "int": "1", "float": "1.0"}.get(step.fields[name.text].type.name, "null")
        world.report.error(
            "SV137",
            name.span,
            f"`{name.text}` is a field, and a step is named here",
            here=f"a field of {', '.join(f'`{one.name}`' for one in having)}",
            fixes=(replace_by(name.span, f"{step.name}{{{name.text}: true}}"),) if sample == "true" else (),
            advice=f"write `{step.name}{{{name.text}: {sample}}}`",
        )
        return False

    def pattern(self, written: tree.StepPattern) -> None:
        """Warn of a pattern whose step no rule emits (SV513)."""
        name = written.step.text
        if name in self.world.steps and all(step.name != name for step in self.steps):
            self.world.report.warning(
                "SV513",
                written.step.span,
                f"no rule of this spec emits `{name}`",
                here="never happens",
                advice=choose(step.name for step in self.steps),
            )

    def _type(self, step: Step, name: str) -> ir.Type | None:
        if name == TIME_FIELD and self.timed:
            return types.TIME
        declared = step.fields.get(name)
        return declared.type if declared is not None else None

    def _of_step(self, written: tree.StepField, named: tree.Name, name: str) -> dict[str, ir.Type] | None:
        world = self.world
        if named.text in _BLOCKS:
            self._closed(written, named.text, name)
            return None
        step = world.steps.get(named.text)
        if step is None:
            if not world.lost:
                near = nearest(named.text, world.steps)
                world.report.error(
                    "SV137",
                    named.span,
                    f"there is no step `{named.text}`",
                    here="no such step",
                    fixes=(replace_by(named.span, near),),
                    advice=choose(world.steps),
                )
            return None
        found = self._type(step, name)
        if found is None:
            near = nearest(name, step.fields)
            world.report.error(
                "SV138",
                written.field.span,
                f"`{step.name}` has no field `{name}`",
                here=f"its fields are {', '.join(f'`{field}`' for field in step.fields)}",
                fixes=(replace_by(written.field.span, near),),
                advice=choose(step.fields),
            )
            return None
        if all(other.name != step.name for other in self.steps):
            world.report.warning(
                "SV513", named.span, f"no rule of this spec emits `{step.name}`", here="never happens", advice="remove the line"
            )
        return {step.name: found}

    def _unknown(self, name: tree.Name) -> None:
        world = self.world
        if world.lost:
            return
        block = next((block for block in _BLOCKS if name.text in getattr(world, block)), None)
        if block is not None:
            self._closed(name, block, name.text)
            return
        near = nearest(name.text, {field for step in self.steps for field in step.fields})
        unused = next((step for step in world.steps.values() if name.text in step.fields), None)
        if name.text == TIME_FIELD:
            advice, here = "write `time .path` in `source`", "the source says no time"
        else:
            advice = "name a field of a step, or `Step.field`"
            here = "no step has it" if unused is None else f"only `{unused.name}` has it, and no rule emits one"
        world.report.error(
            "SV503",
            name.span,
            f"no step of this source has a field `{name.text}`",
            here=here,
            fixes=(replace_by(name.span, near),) if name.text != TIME_FIELD else (),
            advice=advice,
        )

    def _closed(self, at: tree.StepField | tree.Name, block: str, name: str) -> None:
        """A monitor sees steps only, because it looks on while the run goes on (SV502)."""
        declared = getattr(self.world, block).get(name)
        self.world.report.error(
            "SV502",
            at.span,
            f"a monitor sees steps only: `{block}.{name}` {_LATE[block]}",
            here=f"a field of `{block}`",
            labels=(Label(declared.span, "declared here"),) if declared is not None else (),
            advice="a monitor predicts a field of `outcome` (`predict`), groups by one of `meta` (`group`), and sees fields of steps"
            if block in ("outcome", "meta")
            else "give a step a field with this value, and name that field",
        )
