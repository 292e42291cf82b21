"""The concrete tree of the parser made into the syntax tree of `stepc.syntax.tree`."""

from stepc.syntax.build.file import LANGUAGE, build_file

__all__ = ["LANGUAGE", "build_file"]
