"""The proof refuses whatever a generated module must not do."""

from __future__ import annotations

import libcst as cst
import pytest
from emit.programs import render
from emit.test_adapters import small

from stepc.emit.purity import PurityError, prove

TEXT = render(small()).text


def test_what_is_emitted_is_pure() -> None:
    prove(cst.parse_module(TEXT))


PLANTED = [
    ("import", "RUNTIME_API: Final = 1", "RUNTIME_API: Final = 1\nimport os"),
    ("import from", "RUNTIME_API: Final = 1", "RUNTIME_API: Final = 1\nfrom os import system"),
    ("other runtime module", "from stepc.runtime import", "from stepc.runtime.run import"),
    ("import with another name", "from typing import Any", "from typing import Any as Every"),
    ("raise", "        return ()\n", '        raise ValueError("no")\n'),
    ("eval", "return True", 'return eval("1")'),
    ("open", "return True", 'return bool(open("x"))'),
    ("getattr", "return True", 'return bool(getattr(document, "x"))'),
    ("lambda", "return True", "return bool(lambda: 1)"),
    ("while", "    return True", "    while True:\n        pass\n    return True"),
    ("try", "    return True", "    try:\n        return True\n    finally:\n        pass"),
    ("with", "    return True", "    with document:\n        return True"),
    ("global", "    return True", "    global SOURCE\n    return True"),
    ("delete", "    return True", "    del document\n    return True"),
    ("assert", "    return True", "    assert document\n    return True"),
    ("comprehension", "return True", "return bool([one for one in document])"),
    ("generator", "    return True", "    yield True"),
    ("dunder", "return True", "return bool(document.__class__)"),
    ("dunder name", "return True", "return bool(__builtins__)"),
    ("recursion", "return True", "return accepts(document, episode_file)"),
    ("recursion of a method", "        return tuple(steps)", "        return self.push(event)"),
    ("writes elsewhere", "    return True", "    episode_file.path = 1\n    return True"),
    ("writes an item", "    return True", '    document["a"] = 1\n    return True'),
    ("writes state of a class", "    return True", "    Said.tag = 1\n    return True"),
    ("an unknown method", "return True", "return document.read_text()"),
    ("a computed call", "return True", "return (document)()"),
    ("a nested function", "    return True", "    def inner() -> bool:\n        return True\n    return True"),
    ("a decorator", "def accepts", "@bool\ndef accepts"),
    ("a foreign class", "class Said(Step,", "class Said(object,"),
    ("another method", "    def push(", "    def close(self) -> None:\n        pass\n\n    def push("),
    ("a loop over its steps", "    return True", "    for step in steps:\n        steps.append(step)\n    return True"),
    ("power", "return True", "return bool(9**9)"),
    ("repetition", "return True", "return bool([0] * 9)"),
    ("code at the top", "RUNTIME_API: Final = 1", "RUNTIME_API: Final = 1\nif True:\n    pass"),
    ("walrus", "return True", "return (x := True)"),
    ("await", "    return True", "    return await document"),
]


@pytest.mark.parametrize(("old", "new"), [item[1:] for item in PLANTED], ids=[item[0] for item in PLANTED])
def test_impurities_are_found(old: str, new: str) -> None:
    assert old in TEXT
    module = cst.parse_module(TEXT.replace(old, new, 1))
    with pytest.raises(PurityError):
        prove(module)
