"""What the words in keys and values of traces usually mean. Words of the field, never names of one benchmark."""

from __future__ import annotations

import re
from typing import Literal

Class = Literal["agent", "user", "tool", "system", "thought", "call", "result", "outcome", "noise"]
"""What a discriminant's value says about an event."""

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")

_COUNTED = re.compile(r"(?:^|[\W_])\d+[\W_]")


def listed(text: str) -> frozenset[str]:
    """The words of a text, for tables of words."""
    return frozenset(text.split())


AGENT = listed("chat assistant agent ai model bot gpt llm chatbot gemini claude assist copilot")
USER = listed("user human customer client person caller student patient visitor guest")
TOOL = listed(
    """
    tool function ipython environment env terminal computer observation tools sandbox executor execution
    """
)
SYSTEM = listed("system developer instruction instructions prompt preamble")
THOUGHT = listed(
    """
    thought thoughts thinking think reasoning reason rationale reflection monologue scratchpad analysis cot plan
    """
)
CALL = listed("call calls use invocation invoke invoked request action command toolcall")
_BEGUN = listed("begin began start started open opened")
_ENDED = listed("done end ended finish finished complete completed returned close closed stop stopped succeeded failed")
_RUN = listed("session run episode trial conversation task job trace")
RESULT = listed("result results output response observation return answer toolresult")
_AUTHORS = listed("author speaker sender agent")
_HEADS = listed("summary title")
_HEADED = _HEADS | listed("session conversation chat thread")
_TOOL_OF = re.compile(r"tool[-.:](\w[\w.-]*)\Z")
_OF_TOOLS = CALL | RESULT | _BEGUN | _ENDED | listed("input error message delta update progress definition definitions choice")
OUTCOME = listed("verdict score scores reward rewards grade grading evaluation judge judgement judgment outcome")

NOISE = listed(
    "chain workflow session start started begin init meta snapshot config header heartbeat ping usage count checkpoint retriever embedding"
)
"""Records that group others, or keep books."""

TEXT_KEYS = (
    "content",
    "text",
    "message",
    "msg",
    "body",
    "utterance",
    "value",
    "parts",
    "description",
    "summary",
    "data",
    "completion",
    "answer",
    "reply",
    "words",
    "say",
    "speech",
    "output_value",
    "model_output",
)
THOUGHT_KEYS = (
    "thought", "thoughts", "thinking", "reasoning", "reasoning_content", "rationale", "reflection", "monologue", "scratchpad", "analysis",
    "plan", "inner_thoughts", "chain_of_thought", "cot", "think",
)  # fmt: skip
ACTION_KEYS = (
    "action",
    "actions",
    "command",
    "commands",
    "cmd",
    "code",
    "tool_call",
    "tool_calls",
    "function_call",
    "call",
    "calls",
    "sql",
    "sql_query",
)
OBSERVATION_KEYS = (
    "observation", "observations", "obs", "result", "results", "output", "outputs", "tool_output", "stdout", "response", "tool_result",
    "tool_results", "call_result", "feedback", "env_response", "return_value", "aggregated_output", "output_value",
    "rows", "sql_result", "query_result",
)  # fmt: skip
NAME_KEYS = ("name", "tool_name", "function_name", "tool", "function", "fn", "method", "toolName", "functionName", "title", "op")
ARGUMENT_KEYS = (
    "arguments", "args", "input", "inputs", "parameters", "params", "kwargs", "tool_input", "action_input", "tool_args", "rawInput",
    "raw_input", "function_args", "argument", "call_arguments", "tool_arguments", "input_value", "cmd", "command",
)  # fmt: skip
CALL_HOLDERS = (
    "function",
    "function_call",
    "functionCall",
    "tool_call",
    "toolCall",
    "call",
    "action",
    "tool_use",
    "tool",
    "toolInvocation",
    "invocation",
)
RESULT_TEXT_KEYS = (
    "content", "output", "result", "response", "text", "observation", "extracted_content", "stdout", "value", "return_value", "message",
    "aggregated_output", "rawOutput", "outputs", "call_result", "tool_result", "tool_output", "answer", "output_value", "body", "returned",
)  # fmt: skip
REFERENCE_KEYS = ("tool_call_id", "tool_use_id", "call_id", "source_call_id", "toolCallId", "toolUseId", "callId", "tool_id", "in_reply_to")
ERROR_TRUE = listed(
    """
    error errors failed failure exception timeout timed fatal denied rejected cancelled aborted err
    """
)
ERROR_FALSE = listed("ok success successful succeeded valid executed passed completed")
CODE_KEYS = frozenset(("exit_code", "exitcode", "returncode", "return_code", "exitCode", "returnCode", "exit_status"))

_OUTCOME_STRONG = listed(
    """
    reward rewards score scores success successful resolved passed pass solved correct correctness verdict outcome
    grade accuracy accepted
    """
)
_OUTCOME_WEAK = listed(
    """
    evaluation eval judge judgement judgment label labels fail failed failure completed complete status result
    results termination terminated reason exit submission final ground truth target gold expected answer reviewed
    review mistake criteria assertions annotation annotations feedback finish finished ended done rating metrics
    utility security
    """
)
_TOTALS = listed("duration elapsed latency cost costs total totals usage tokens stats finished ended completed")
_ACCOUNTING = listed(
    """
    tokens token usage cost costs latency duration elapsed price billing cached cache logprobs logprob stats
    seconds ms millis fingerprint tier
    """
)
_TASK = (
    "task_id",
    "instance_id",
    "question_id",
    "problem_id",
    "scenario_id",
    "example_id",
    "sample_id",
    "item_id",
    "task",
    "question",
    "problem",
)
_SECRET = listed("password passwd secret secrets credential credentials authorization apikey")
_TASK_WORDS = listed("task instance question problem scenario example sample puzzle query issue case goal")


def words(name: str) -> tuple[str, ...]:
    """The lower-case words of a key or a value: `toolCallId` and `tool_call_id` have the same.

    >>> words("toolCallId")
    ('tool', 'call', 'id')
    """
    return tuple(match.group().lower() for match in _WORD.finditer(name[:200]))


def numbered(name: str | None) -> bool:
    """Whether a key counts something, as `input.0.role` does: it stands for a place in a list, not for a kind of value."""
    return name is not None and _COUNTED.search(name) is not None


def same(name: str, wanted: str) -> bool:
    """Whether two names have the same words."""
    return words(name) == words(wanted)


def pick(names: tuple[str, ...] | list[str], wanted: tuple[str, ...]) -> str | None:
    """The first of `wanted` that is among `names`, however it is spelled; its spelling there."""
    spelled = {words(name): name for name in reversed(names)}
    return next((spelled[words(word)] for word in wanted if words(word) in spelled), None)


def actor(value: str) -> Literal["agent", "user", "tool", "system"] | None:
    """Who a value names, by its words; None for a name or anything else."""
    parts = set(words(value))
    for who, known in (("tool", TOOL), ("system", SYSTEM), ("user", USER), ("agent", AGENT)):
        if parts & known and len(parts) <= 3:
            return who  # type: ignore[return-value]
    return None


def kind(value: str) -> Class | None:
    """What a discriminant's value says of its event: `function_call_output` is a result, `agent_message` what the agent said."""
    parts = words(value)
    have = set(parts)
    if not have or len(parts) > 6:
        return None
    if _named_tool(value):
        return "tool"
    if have & OUTCOME:
        return "outcome"
    if have & THOUGHT:
        return "thought"
    tool = bool(have & (TOOL | {"mcp", "shell", "exec", "browser", "search", "web", "file", "command", "bash"}))
    if have & (CALL | {"tool", "function"}) and not have & {"arguments", "delta", "agent", "chain"}:
        # An event that tells the end of a call brings what came of it.
        if have & _ENDED:
            return "result"
        if have & _BEGUN:
            return "call"
    if have & _RUN and have & (_BEGUN | _ENDED):
        return "noise"
    if have & AGENT and not tool and parts[-1] in {"answer", "response", "output", "reply"}:
        return "agent"
    if have & RESULT and (tool or parts[-1] in RESULT):
        return "result"
    if have & CALL and (tool or parts[-1] in CALL):
        return "call"
    if have & SYSTEM:
        return "system"
    if have & NOISE or (have & _HEADS and have <= _HEADED) or (have & {"invoke", "create"} and have & AGENT):
        return "noise"
    if have & USER:
        return "user"
    if have & AGENT:
        return "agent"
    return "tool" if have & TOOL else None


def kind_at(value: str, key: str | None) -> Class | None:
    """What a discriminant's value says of its event, by the key that it stands under: an author's name says who it is, not what is said.

    `research_plan_agent` thinks no more than others do, and `customer_service_agent` is no customer.
    """
    parts = words(value)
    if len(parts) < 2 or not set(words(key or "")) & _AUTHORS:
        return kind(value)
    return "agent" if parts[-1] in AGENT and not set(parts) & {"user", "human"} else actor(value)


def _named_tool(value: str) -> bool:
    """Whether a value says that it is a tool and which one, whatever words its name has: `tool-get_customer`, `get_customer.tool`."""
    before, _, after = value.lower().rpartition(".")
    if before and after == "tool":
        return True
    found = _TOOL_OF.match(value)
    return found is not None and set(words(found.group(1))).isdisjoint(_OF_TOOLS)


def outcome_strength(name: str) -> int:
    """How much a key sounds like a verdict over a run: 0 not, 1 perhaps, 2 yes."""
    have = set(words(name))
    if have & _OUTCOME_STRONG:
        return 2
    return 1 if have & _OUTCOME_WEAK else 0


def is_total(name: str) -> bool:
    """Whether a key sounds like a sum over the run, or a clock that stopped at its end."""
    have = set(words(name))
    return bool(have & _TOTALS) or ("end" in have and bool(have & {"time", "at", "date", "ts"})) or ("num" in have and len(have) > 1)


def is_accounting(name: str) -> bool:
    """Whether a key sounds like what a call cost."""
    return bool(set(words(name)) & _ACCOUNTING)


def is_secret(name: str) -> bool:
    """Whether a key sounds like a credential."""
    have = words(name)
    return bool(set(have) & _SECRET) or have[-2:] in (("api", "key"), ("access", "token"))


def task_rank(name: str) -> int:
    """How much a key sounds like the name of the task: smaller is more, 99 not at all."""
    for rank, known in enumerate(_TASK):
        if same(name, known):
            return rank
    have = set(words(name))
    return len(_TASK) if have & _TASK_WORDS and have & {"id", "name", "key", "idx", "index", "number"} else 99
