"""The layout: golden, stable, with every comment and the same tree."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from syntax.mistakes import CORRECT
from syntax.sexpr import sexpr

from stepc.syntax import Unformattable, format_text, parse

ROOT = Path(__file__).parents[2]
SPECS = sorted([*(ROOT / "specs").glob("*.stepview"), *(ROOT / "codegen" / "stepc").rglob("*.stepview")])

UNTIDY = """\
/// Docs of the file.   \r
\r
stepview   1


use  agent   // the shared steps


// before the source
source   x{
\tformat json   //   one
  input    "a/*.txt"{episode file}


  // own line

  beside  r "{ file.dir }/{ a  else b.c }.json" {before .a,.b}
    // last in the block
}
start{a:str?max 10=.a.b [ 0 ]else( .c )  else skip
    b : list<  int ? > ? = [ .a,.b , 1 ]
}
match   .role{
"a","b"when not( .x==1 )=>{
emit Said{
/// Doc.
by=Actor.agent
args={a:1 ,b : { c:.d } }
error=matches( .x,[ // why
/a/ ,

   // second
      /b/
] )
}
otherwise=>ignore"nothing"
}
  "c" => {  }
  "d" => { // empty but for a comment
  }
}
ignore{
.a.{ b , c* },.d[ ]["e f"]"why"
}
example   "t"{
given "x"   episode   3
expect[Said {by : user ,x:{ y:1 }},...,
  T{ }
]
}
""".replace(" [ 0 ]", "[ 0 ]")

TIDY = """\
/// Docs of the file.
stepview 1

use agent  // the shared steps

// before the source
source x {
  format json  //   one
  input "a/*.txt" { episode file }

  // own line

  beside r "{file.dir}/{a else b.c}.json" { before .a, .b }
  // last in the block
}
start {
  a: str? max 10 = .a.b[0] else (.c) else skip
  b: list<int?>? = [.a, .b, 1]
}
match .role {
  "a", "b" when not (.x == 1) => {
    emit Said {
      /// Doc.
      by = Actor.agent
      args = { a: 1, b: { c: .d } }
      error = matches(.x, [  // why
        /a/,

        // second
        /b/
      ])
    }
    otherwise => ignore "nothing"
  }
  "c" => {}
  "d" => {  // empty but for a comment
  }
}
ignore {
  .a.{b, c*}, .d[]["e f"] "why"
}
example "t" {
  given "x" episode 3
  expect [Said{by: user, x: {y: 1}}, ...,
    T{}
  ]
}
"""


def comments(text: str) -> list[str]:
    """All comments outside texts, in order."""
    return [found.rstrip() for found in re.findall(r'"(?:[^"\\\n]|\\.)*"|(//[^\n]*)', text) if found]


def shape(text: str) -> str:
    """The tree of a text, without its places."""
    return sexpr(parse(text).tree)


def test_golden() -> None:
    assert format_text(UNTIDY) == TIDY


@pytest.mark.parametrize("text", [UNTIDY, TIDY, CORRECT], ids=["untidy", "tidy", "correct"])
def test_formatting_keeps_what_was_said(text: str) -> None:
    once = format_text(text)
    assert format_text(once) == once
    assert comments(once) == comments(text.replace("\r", ""))
    assert shape(once) == shape(text)


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_the_specs_of_this_repository_are_formatted(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    parsed = parse(text)
    assert not parsed.diagnostics
    assert format_text(text) == text


def test_a_text_with_mistakes_is_not_formatted() -> None:
    with pytest.raises(Unformattable):
        format_text("stepview 1\nfoo\n")


def test_line_ends_and_the_end_of_the_file() -> None:
    assert format_text("\ufeffstepview 1\r\nuse a\r\n\r\n\r\n") == "stepview 1\nuse a\n"
    assert format_text("stepview 1") == "stepview 1\n"
    assert format_text("\n\n// c\n\n\nstepview 1\n// d") == "// c\n\nstepview 1\n// d\n"
