"""The specs that `stepc new` begins with: commented, complete, and free of findings as they are."""

JSON = """stepview 1
use agent

/// Result files of NAME: one JSON document, many runs of an agent.
// `format jsonl` reads one document a line: with `episode .` a line is a run, with `episode file` a line is an event.
source NAME {
  format json
  accept has .runs
  episode .runs[]
  event .messages[]?
}

/// What reports and splits use. Steps cannot read it.
// Runs of one `group` (the same task) never end up on both sides of a split.
meta {
  id: str = .id
  group: str? = .task
  model: str? = doc.model
}

/// What is known only after the last event. A step that reads any of it does not compile.
// `failed` stays unknown where the reward is missing: nothing is guessed.
outcome {
  reward: float? = .reward
  failed: bool? = reward < 1.0
}

/// How this source spells who is meant.
reads Actor {
  agent = "assistant"
  user = "user"
}

// Every event takes the first arm that fits. `stepc explain SV203` tells what to do about values that may be missing.
match .role {
  "assistant", "user" => {
    emit Said when nonempty .content {
      by = .role
      text = .content
    }
    each call in .tool_calls[]? {
      emit ToolCall {
        call_id = call.id else ""
        by = .role
        tool = call.name else skip
        args = call.arguments else {}
      }
    }
  }
  "tool" => emit ToolResult {
    call_id = .id else ""
    by = Actor.agent
    error = .error
    text = .content else ""
  }
  "system" => ignore "the prompt, the same for every run"
  otherwise => unknown
}

// Paths that tell how a run ended, although `outcome` does not read them, belong in a `sealed` block; paths that nobody needs in an
// `ignore` block. `stepc coverage NAME FILES` lists what is neither read nor named:
//
//   sealed {
//     .runs[].judgement "written after the run"
//   }
//
// An example is a test that `stepc test` runs; the sample stands beside this file:
//
//   example "a tool call that failed" {
//     given "samples/NAME/one_error.json"
//     expect [Said{by: user}, ToolCall, ToolResult{error: true}, ...]
//   }
"""

JSONL = (
    JSON.replace("/// Result files of NAME: one JSON document, many runs of an agent.", "/// Logs of NAME: one run of an agent a line.")
    .replace(
        "// `format jsonl` reads one document a line: with `episode .` a line is a run, with `episode file` a line is an event.",
        "// With `episode file` the whole file is one run and every line one event. The line that tells how it ended is then sealed,\n"
        '// `event . { result sealed when .type == "result" }`, and `outcome` reads `last.result.passed`.',
    )
    .replace("format json\n  accept has .runs\n  episode .runs[]\n", "format jsonl\n  accept has .messages\n  episode .\n")
    .replace("doc.model", ".model")
    .replace(".runs[].judgement", ".judgement")
    .replace("one_error.json", "one_error.jsonl")
)

TEXT = """stepview 1
use agent

/// Logs of NAME: one text file, one run of an agent.
// `episode from /^BEGIN/` cuts a file into several runs.
source NAME {
  format text
  input "**/*.log"
  episode file
  /// A line that marks no kind continues the record before it.
  event lines {
    verdict sealed /^Verdict: /
    task record /^Task: / strip
    thought record /^Thought: / strip
    action record /^Action: / strip
    observation record /^Observation: / strip
    blank skip
  }
}

/// What reports and splits use. Steps cannot read it.
// Runs of one `group` (the same task) never end up on both sides of a split.
meta {
  id: str = file.path
  group: str? = first.task.text
}

/// What is known only after the last event. Only `outcome` sees lines of a sealed kind.
// `failed` stays unknown where there is no verdict: nothing is guessed.
outcome {
  verdict: str? = capture(last.verdict.text, /^Verdict: (\\w+)/)
  failed: bool? = verdict != "success"
}

// Every event takes the first arm that fits. `stepc explain SV203` tells what to do about values that may be missing.
match .kind {
  "task" => emit Said {
    by = Actor.user
    text = .text
  }
  "thought" => emit Thought {
    by = Actor.agent
    text = .text
  }
  "action" => emit ToolCall {
    call_id = ""
    by = Actor.agent
    tool = capture(.text, /^(\\w+)/) else skip
    args = { input: .text }
  }
  "observation" => emit ToolResult {
    call_id = ""
    by = Actor.agent
    error = matches(.text, /^Error/)
    text = .text
  }
  otherwise => unknown
}

// An example is a test that `stepc test` runs; the sample stands beside this file:
//
//   example "a command that failed" {
//     given "samples/NAME/one_error.log"
//     expect [Said, Thought, ToolCall, ToolResult{error: true}, ...]
//   }
"""

MONITOR = """
// A monitor warns while a run goes on. `stepc monitor train NAME:NAME_watch TRACES...` finds its numbers, `stepc compile` writes its class.
// For as long as no outcome is known, `stepc monitor train NAME:NAME_watch --rules-only` takes its rules alone.
//
//   monitor NAME_watch {
//     score after ToolResult, Said{by: user}
//     predict failed eventually
//     alert yellow budget 0.10 confidence 0.90
//     alert red budget 0.05 confidence 0.90
//     rule repeats when same(tool, args) for 3 => yellow "the same call three times"
//   }
"""

STARTERS = {"json": JSON, "jsonl": JSONL, "text": TEXT}


def starter(name: str, form: str) -> str:
    """The starter spec of a source for a format."""
    return (STARTERS[form] + MONITOR).replace("NAME", name)
