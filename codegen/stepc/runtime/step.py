"""The base of generated step types, and the type of raw values."""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec

Json: TypeAlias = dict[str, Any] | list[Any] | str | int | float | bool | None
"""A decoded JSON value. Not recursive on purpose: `type(x) is dict` narrows it to `dict[str, Any]`, and decoders understand it."""


class Step(msgspec.Struct, frozen=True, gc=False, tag_field="type"):
    """One typed record of an episode. Subclasses are generated; their tag is the step's name in the spec."""
