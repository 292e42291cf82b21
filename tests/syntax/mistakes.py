"""Mistakes that writers make: what stands in a correct spec, what they write instead, the code, and whether it can be mended."""

from __future__ import annotations

CORRECT = """\
stepview 1
use agent

/// tau2 files.
source tau2 {
  format json
  input "a/*.json"
  beside result "{file.dir}/x.json" { before .id, .model }
  accept has .simulations
  episode .simulations[]
  event .messages[]?
}

start {
  seed: int? = .seed
}

meta {
  id: str = .id
  group: str? = "{doc.info}:{.task_id}"
}

reads Actor {
  agent = "assistant", "model"
  user = "user"
}

step Extra {
  by: Actor
  text: str max 4000
}

pair calls on call_id order fifo {
  open ToolCall
  close ToolResult
  carry tool
}

match .role {
  "assistant", "user" => {
    emit Said when nonempty .content and .x == 1 {
      by = .role else skip
      text = .content else skip
    }
    each call in .tool_calls[]? {
      emit ToolCall {
        call_id = call.id else ""
        args = { command: .action, other: capture(.x, /a(b)/) }
        tool = if .a then "x" else "y"
      }
    }
    let z = matches(.text, [
      /a/,
      /b/
    ])
    otherwise => unknown
  }
  "tool" => ignore "why not"
  otherwise => unknown
}

sealed {
  .a.{b, c*}, .d[].e "reason"
}

example "a title" {
  given "samples/x.json" episode 2
  expect [Said{by: user}, ..., ToolCall{tool: "x"}]
}

monitor watch {
  score after ToolResult, Said{by: user}
  predict failed within 3
  group meta.group
  censored when ended == "limit"
  features {
    tool: symbol
    args: words max 512
  }
  alert yellow budget 0.10 confidence 0.90 persist 2 of 3
  cooldown 5
  scorer table
  rule loop when same(tool, args) for 3 => yellow "again"
  rule many when count(ToolResult{error: true}) in 10 >= 5 => red "many"
}
"""

MISTAKES: tuple[tuple[str, str, str, bool], ...] = (
    ("stepview 1\n", "", "SV101", True),
    ("stepview 1\n", "Stepview 1\n", "SV101", True),
    ("stepview 1\n", "stepv.ew 1\n", "SV101", True),
    ("stepview 1\n", "stepview 1.0\n", "SV102", True),
    ("stepview 1\n", "stepview\n", "SV102", True),
    ("stepview 1\n", "stepview 2\n", "SV102", True),
    ("use agent", "use", "SV103", False),
    ("use agent", "import agent", "SV120", True),
    ("source tau2 {", "source tau2", "SV104", True),
    ("source tau2 {", "sorce tau2 {", "SV120", True),
    ("source tau2 {", "source {", "SV103", False),
    ("source tau2 {", "source tau2\n{", "SV104", True),
    ("format json", "format = json", "SV107", True),
    ("format json", "fromat json", "SV120", True),
    ("format json", "format json;", "SV124", True),
    ("format json", "format json,", "SV127", True),
    ("format json", 'format "json"', "SV103", True),
    ("format json", "format json\n  format json", "SV121", True),
    ('input "a/*.json"', "input a/*.json", "SV112", True),
    ('input "a/*.json"', "input 'a/*.json'", "SV113", True),
    ('input "a/*.json"', 'input "a/*.json', "SV114", True),
    ("before .id, .model", "before .id .model", "SV119", True),
    ("accept has .simulations", "accepts has .simulations", "SV120", True),
    ("accept has .simulations", "accept has .simulations && has .x", "SV110", True),
    ("accept has .simulations", "accept has .simulations and", "SV103", False),
    ("episode .simulations[]", "episode simulations[]", "SV103", True),
    ("episode .simulations[]", "episode .simulations [ ]", "SV117", True),
    ("event .messages[]?", "event .messages []?", "SV117", True),
    ("seed: int? = .seed", "seed = int? = .seed", "SV107", True),
    ("seed: int? = .seed", "seed: int? : .seed", "SV107", True),
    ("seed: int? = .seed", "seed: int? := .seed", "SV107", True),
    ("seed: int? = .seed", "seed: int? .seed", "SV107", True),
    ("seed: int? = .seed", "seed int? = .seed", "SV107", True),
    ("seed: int? = .seed", "seed: int | None = .seed", "SV110", True),
    ("seed: int? = .seed", "present: int? = .seed", "SV118", True),
    ("seed: int? = .seed", "seed: list[int] = .seed", "SV103", True),
    ("seed: int? = .seed", "seed: int? = .seed or drop", "SV110", True),
    ("seed: int? = .seed", "seed: int? = .seed || drop", "SV110", True),
    ("seed: int? = .seed", "seed: int? = None", "SV111", True),
    ("seed: int? = .seed", "seed: int? = True", "SV111", True),
    ("seed: int? = .seed", "seed: int? = ", "SV103", False),
    ("seed: int? = .seed", "seed: int? = .a?.b", "SV110", True),
    ("seed: int? = .seed", "seed: int? = .a ?? 3", "SV110", True),
    ("seed: int? = .seed", "seed: int? = .a ? 1 : 2", "SV110", False),
    ("seed: int? = .seed", "seed: int? = 1e5", "SV128", True),
    ("seed: int? = .seed", "seed: int? = 1_000", "SV128", True),
    ("seed: int? = .seed", "seed: int? = 99999999999999999999999", "SV128", False),
    ("seed: int? = .seed", "seed: int? = .a + 1", "SV110", False),
    ("seed: int? = .seed", "seed: int? = .a not in [1]", "SV110", False),
    ("seed: int? = .seed", "seed: int? = (.a", "SV105", True),
    ("seed: int? = .seed", "seed: int? = .a)", "SV106", True),
    ("seed: int? = .seed", "seed: int? = .a[0", "SV105", True),
    ("seed: int? = .seed", "seed: int? = foo (.a)", "SV117", True),
    ("seed: int? = .seed", "seed: int? = if .a then 1", "SV103", True),
    ("seed: int? = .seed", "seed: int? = if .a: 1 else 2", "SV103", True),
    ("seed: int? = .seed", "seed: int? = .a = 1", "SV108", True),
    ("seed: int? = .seed", "seed: int? = .a === 1", "SV107", True),
    ("seed: int? = .seed", "seed: int? = .a <> 1", "SV108", True),
    ("seed: int? = .seed", "seed: int? = !.a", "SV110", True),
    ("seed: int? = .seed", "seed: int? = not .a # why", "SV124", True),
    ("seed: int? = .seed", "seed: int? = not .a /* why */", "SV124", True),
    ("seed: int? = .seed", "seed: int? = .a \\", "SV124", True),
    ("seed: int? = .seed", "seed: int? = .a else skip else 3", "SV103", False),
    ("seed: int? = .seed", "seed: int? = (.a else skip)", "SV103", False),
    ("id: str = .id", "id: str = .id group: str = .x", "SV129", True),
    ("id: str = .id", "id: str = .id,", "SV127", True),
    ("id: str = .id", 'id: str = "{}"', "SV115", True),
    ("id: str = .id", 'id: str = "a } b"', "SV115", True),
    ("id: str = .id", 'id: str = "a\\d"', "SV115", True),
    ("id: str = .id", 'id: str = "a" + "b"', "SV110", False),
    ("id: str = .id", "id: str = .größe", "SV124", False),
    ("id: str = .id", "id: str = “a”", "SV113", True),
    ("id: str = .id", "id: str = .id @ 3", "SV124", False),
    ("id: str = .id", "id: str =\u00a0.id", "SV124", True),
    ("id: str = .id", "id: str = .id    /// doc", "SV126", True),
    ('agent = "assistant", "model"', 'agent = "assistant" "model"', "SV119", True),
    ('agent = "assistant", "model"', 'agent = assistant, "model"', "SV112", True),
    ('agent = "assistant", "model"', 'agent: "assistant", "model"', "SV107", True),
    ('agent = "assistant", "model"', 'agent = ["assistant", "model"]', "SV103", True),
    ('agent = "assistant", "model"', 'agent = "assistant", "model",', "SV127", True),
    ("text: str max 4000", "text: str max4000", "SV116", True),
    ("text: str max 4000", "text: str(4000)", "SV103", True),
    ("text: str max 4000", "text: str limit 4000", "SV120", True),
    ("text: str max 4000", "text: str max", "SV103", False),
    ("order fifo", "order lifo", "SV120", True),
    ("order fifo", "oder fifo", "SV120", True),
    ("  open ToolCall\n", "", "SV122", False),
    ("  open ToolCall\n", "  opens ToolCall\n", "SV120", True),
    ("  open ToolCall\n", "  open ToolCall\n  open X\n", "SV121", True),
    ("match .role {", "match .role", "SV104", True),
    ("match .role {", "match {", "SV103", False),
    ('"assistant", "user" => {', '"assistant", "user" -> {', "SV109", True),
    ('"assistant", "user" => {', '"assistant", "user": {', "SV109", True),
    ('"assistant", "user" => {', '"assistant", "user" {', "SV109", True),
    ('"assistant", "user" => {', '"assistant", "user" =>', "SV104", True),
    ('"assistant", "user" => {', '"assistant" | "user" => {', "SV110", True),
    ('"assistant", "user" => {', "assistant => {", "SV112", True),
    ('"assistant", "user" => {', "null => {", "SV123", True),
    ('"assistant", "user" => {', "None => {", "SV111", True),
    ('"assistant", "user" => {', 'case "assistant" => {', "SV120", True),
    ("emit Said when nonempty .content and .x == 1 {", "emit Said whn nonempty .content {", "SV120", True),
    ("emit Said when nonempty .content and .x == 1 {", "Said when nonempty .content {", "SV120", True),
    ("emit Said when nonempty .content and .x == 1 {", "emit Said when nonempty .content && .x == 1 {", "SV110", True),
    ("emit Said when nonempty .content and .x == 1 {", "emit Said if nonempty .content {", "SV120", True),
    ("emit Said when nonempty .content and .x == 1 {", "emit Said when nonempty .content and .x = 1 {", "SV108", True),
    ("emit Said when nonempty .content and .x == 1 {", "emit Said when nonempty .content and .x == 1", "SV104", True),
    ("emit Said when nonempty .content and .x == 1 {", "emit Said when nonempty .content and .x == 1 foo bar {", "SV103", False),
    ("emit Said when nonempty .content and .x == 1 {", "emitSaid when nonempty .content {", "SV116", True),
    ("by = .role else skip", "by: .role else skip", "SV107", True),
    ("by = .role else skip", "by == .role else skip", "SV107", True),
    ("by = .role else skip", "by .role else skip", "SV107", True),
    ("by = .role else skip", "by = .role else", "SV103", False),
    ("by = .role else skip", "by = else skip", "SV103", False),
    ("by = .role else skip", "by = .role else skip text = .x", "SV129", True),
    ("by = .role else skip", "by = .role else skip;", "SV124", True),
    ("by = .role else skip", "by = skip", "SV103", False),
    ("by = .role else skip", "by = .role else 'x'", "SV113", True),
    ("by = .role else skip", "by = .role, x = 2", "SV127", True),
    ("by = .role else skip", "emit Foo {\n        a = 1\n      }", "SV126", False),
    ("by = .role else skip", "let q = 1", "SV126", False),
    ("each call in .tool_calls[]? {", "for call in .tool_calls[]? {", "SV120", True),
    ("each call in .tool_calls[]? {", "each call of .tool_calls[]? {", "SV120", True),
    ("each call in .tool_calls[]? {", "each call, i in .tool_calls[]?", "SV104", True),
    ("args = { command: .action, other:", "args = { command = .action, other:", "SV107", True),
    ("args = { command: .action, other:", "args = { command: .action other:", "SV119", True),
    ("capture(.x, /a(b)/)", "capture(.x, /a(b))", "SV114", True),
    ("capture(.x, /a(b)/)", "capture(.x, /a/b/)", "SV115", True),
    ("capture(.x, /a(b)/)", "capture(.x /a(b)/)", "SV119", True),
    ("capture(.x, /a(b)/) }", "capture(.x, /a(b)/ }", "SV105", True),
    ("capture(.x, /a(b)/) }", "capture(.x, /a(b)/)", "SV105", True),
    ("/a/,\n", "/a/\n", "SV119", True),
    ("/b/\n    ])", "/b/\n    ]", "SV105", True),
    ("/b/\n    ])", "/b/\n    )", "SV105", True),
    ("let z =", "z =", "SV120", True),
    ("let z =", "var z =", "SV120", True),
    ("let z =", "let z :=", "SV107", True),
    ("otherwise => unknown\n  }", "default => unknown\n  }", "SV120", True),
    ("otherwise => unknown\n  }", "otherwise => unkown\n  }", "SV120", True),
    ("otherwise => unknown\n  }", "else => unknown\n  }", "SV120", True),
    ('"tool" => ignore "why not"', '"tool" => ignore', "SV103", False),
    ('"tool" => ignore "why not"', '"tool" => ignore why not', "SV112", True),
    ('"tool" => ignore "why not"', '"tool" => ignore "why not', "SV114", True),
    ('"tool" => ignore "why not"', '"tool" =>', "SV103", False),
    ('"tool" => ignore "why not"', '"tool" => skip', "SV103", False),
    ('.d[].e "reason"', ".d[].e", "SV103", False),
    ('.d[].e "reason"', ".d[].e reason", "SV112", True),
    ('.d[].e "reason"', '.d[].e = "reason"', "SV107", True),
    ('.d[].e "reason"', '.d[0].e "reason"', "SV103", True),
    (".a.{b, c*}", ".a.{b c*}", "SV119", True),
    (".a.{b, c*}", ".a{b, c*}", "SV103", True),
    ('given "samples/x.json"', "given samples/x.json", "SV112", True),
    ('given "samples/x.json"', 'givn "samples/x.json"', "SV120", True),
    ('  given "samples/x.json" episode 2\n', "", "SV122", False),
    ('example "a title" {', "example a title {", "SV112", True),
    ('example "a title" {', "example {", "SV103", False),
    ("Said{by: user}", "Said{by = user}", "SV107", True),
    ("Said{by: user}", "Said(by: user)", "SV103", True),
    ("..., ToolCall", ".. , ToolCall", "SV103", True),
    ("..., ToolCall", "... ToolCall", "SV119", True),
    ('ToolCall{tool: "x"}]', 'ToolCall{tool: "x"}', "SV105", True),
    ('ToolCall{tool: "x"}]', 'ToolCall{tool: "x"]', "SV105", True),
    ("expect [", "expect (", "SV103", False),
    ("      text = .content else skip\n    }\n", "      text = .content else skip\n", "SV105", True),
    ("      text = .content else skip\n    }\n", "      text = .content else skip\n    }\n    }\n", "SV106", True),
    ("score after ToolResult,", "score ToolResult,", "SV103", True),
    ("score after ToolResult,", "score after ToolResult or", "SV103", True),
    ("score after ToolResult,", "score after [ToolResult],", "SV103", False),
    ("predict failed within 3", "predict failed", "SV103", True),
    ("predict failed within 3", "predict failed in 3", "SV103", False),
    ("predict failed within 3", "predict failed within", "SV103", False),
    ("predict failed within 3", "predict outcome.failed within 3", "SV103", True),
    ("predict failed within 3", "predict .failed within 3", "SV103", True),
    ("predict failed within 3", "predict = failed within 3", "SV107", True),
    ("predict failed within 3", "label failed within 3", "SV120", True),
    ("group meta.group", "group by meta.group", "SV103", True),
    ("censored when ended", "censored ended", "SV103", True),
    ("censored when ended", "censored if ended", "SV120", True),
    ("tool: symbol\n", "tool = symbol\n", "SV107", True),
    ("tool: symbol\n", "tool symbol\n", "SV107", True),
    ("tool: symbol\n", ".tool: symbol\n", "SV103", True),
    ("tool: symbol\n", "tool: symbol,\n", "SV127", True),
    ("args: words max 512", "args: words 512", "SV103", True),
    ("args: words max 512", "args: words max512", "SV116", True),
    ("budget 0.10 confidence", "budget 10% confidence", "SV128", True),
    ("budget 0.10 confidence", "budget = 0.10 confidence", "SV107", True),
    ("budget 0.10 confidence", "budget=0.10 confidence", "SV107", True),
    ("budget 0.10 confidence", "at 0.10 confidence", "SV103", True),
    ("budget 0.10 confidence 0.90 persist", "budget 0.10 persist", "SV103", True),
    ("budget 0.10 confidence 0.90 persist 2 of 3", "budget 0.10", "SV103", True),
    ("budget 0.10 confidence 0.90 persist 2 of 3", "", "SV103", True),
    ("cooldown 5", "cooldown: 5", "SV107", True),
    ("cooldown 5", "cooldown -5", "SV103", False),
    ("cooldown 5", "threshold 0.9", "SV120", False),
    ("scorer table", "model table", "SV120", True),
    ("loop when same", "loop same", "SV103", True),
    ("loop when same", "loop if same", "SV120", True),
    ("same(tool, args) for 3", "same(tool, args)", "SV103", True),
    ("same(tool, args) for 3", "error == true for 3", "SV103", False),
    ('=> yellow "again"', '=> "again"', "SV103", True),
    ('=> yellow "again"', '"again"', "SV103", True),
    ('=> yellow "again"', 'yellow "again"', "SV103", True),
    ('=> yellow "again"', "=> yellow again", "SV112", True),
    ('=> yellow "again"', "=> yellow", "SV103", False),
    ("in 10 >= 5", ">= 5", "SV103", True),
    ("in 10 >= 5", "in 10", "SV103", True),
    ("count(ToolResult{error: true}) in 10 >= 5", "ToolResult{error = true} for 3", "SV107", True),
    ("within 3", "within 3 steps", "SV103", True),
    ("for 3 => yellow", "for 3 steps => yellow", "SV103", True),
    ("count(ToolResult{error: true}) in 10", "count(ToolResult{error: true}, 10)", "SV103", True),
    ("count(ToolResult{error: true}) in 10 >= 5", "ToolResult.error == true for 3", "SV103", True),
    ("monitor watch {", "watch {", "SV120", True),
    ("monitor watch {", 'monitor "watch" {', "SV103", True),
    ("monitor watch {", "monitor watch: {", "SV107", True),
    ("monitor watch {", "monitor 3 {", "SV103", False),
    ("features {", "features: {", "SV107", True),
    ("tool: symbol\n", "tool => symbol\n", "SV107", True),
)
