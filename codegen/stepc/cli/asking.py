"""The options of verbs that may ask a language model, and whom they name. Nobody is asked unless an option says so."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from stepc.cli.session import BAD_SPEC, UNREADABLE, StopError, write
from stepc.diagnostics.render import counted

if TYPE_CHECKING:
    from stepc.llm.meter import Meter
    from stepc.llm.model import AskError, Prompt, Transport

Function = TypeVar("Function", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--ask", is_flag=True, help="Ask the language model that STEPC_LLM_MODEL and STEPC_LLM_BASE_URL name."),
    click.option("--model", metavar="NAME", help="Ask this language model. The key comes from STEPC_LLM_API_KEY or OPENAI_API_KEY."),
    click.option("--base-url", metavar="URL", help="The endpoint to ask, of any server that speaks the chat completions protocol."),
    click.option("--command", "command_line", metavar="LINE", help="Ask a command: it reads a prompt on its input and prints the reply."),
    click.option("--prompt-out", metavar="PATH", help="Write the next prompt to a file, to be carried to any model ('-': print it)."),
    click.option("--reply", "replies", multiple=True, metavar="PATH", help="A reply to such a prompt; the first file answers the first."),
    click.option(
        "--max-tokens", type=click.IntRange(1), default=200_000, show_default=True, metavar="N", help="Tokens, prompts and replies."
    ),
    click.option("--max-cost", type=click.FloatRange(0), metavar="DOLLARS", help="What it may cost; needs a price."),
    click.option("--price", metavar="IN,OUT", help="Dollars for a million tokens of prompts and of replies. Default: STEPC_LLM_PRICE."),
    click.option(
        "--timeout",
        type=click.FloatRange(0, min_open=True),
        default=180.0,
        show_default=True,
        metavar="SECONDS",
        help="The longest wait for a reply.",
    ),
    click.option(
        "--retries", type=click.IntRange(0, 10), default=2, show_default=True, metavar="N", help="Further tries where a server fails."
    ),
    click.option("--fresh", is_flag=True, help="Ask again even where the log holds a reply to the same prompt."),
    click.option("--log", "log_path", metavar="PATH", help="Where prompts, replies and cost are kept. Default: beside the result."),
)


@dataclass(frozen=True, slots=True)
class Asking:
    """What the options say."""

    ask: bool
    model: str | None
    base_url: str | None
    command_line: str | None
    prompt_out: str | None
    replies: tuple[str, ...]
    max_tokens: int
    max_cost: float | None
    price: str | None
    timeout: float
    retries: int
    fresh: bool
    log_path: str | None

    @property
    def wanted(self) -> bool:
        """Whether anybody shall be asked."""
        return bool(self.ask or self.model or self.base_url or self.command_line or self.prompt_out or self.replies)


def asking_options(function: Function) -> Function:
    """All of them; the verb takes them as one `asking: Asking`."""

    def verb(*positional: Any, **options: Any) -> Any:
        given = {name: options.pop(name) for name in Asking.__dataclass_fields__}
        return function(*positional, asking=Asking(**given), **options)

    verb.__name__, verb.__doc__ = function.__name__, function.__doc__
    verb.__dict__.update(function.__dict__)
    wrapped: Any = verb
    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped  # type: ignore[no-any-return]


def meter_of(asking: Asking, beside: Path | None) -> Meter:
    """Whom to ask, within the budget. `beside` is the log's place where the options name none; None: no log is kept.

    Raises:
        StopError: the options cannot be used.
    """
    from stepc.llm.files import Files
    from stepc.llm.ledger import Ledger
    from stepc.llm.meter import Budget, Meter
    from stepc.llm.settings import SettingsError, known_price

    try:
        transport = _transport(asking)
        price = known_price(os.environ, asking.price or "")
    except SettingsError as bad:
        raise StopError(BAD_SPEC, str(bad), bad.advice) from None
    if asking.max_cost is not None and price is None:
        raise StopError(BAD_SPEC, "--max-cost needs a price", "--price IN,OUT, or STEPC_LLM_PRICE")
    path = Path(asking.log_path) if asking.log_path else beside
    # A person's replies come from the files that were named, never from a log.
    fresh = asking.fresh or isinstance(transport, Files)
    return Meter(transport, Ledger(path), Budget(asking.max_tokens, asking.max_cost, price), fresh)


def _transport(asking: Asking) -> Transport:
    named = {
        "--command": bool(asking.command_line),
        "--model": bool(asking.model or asking.base_url or asking.ask),
        "--prompt-out and --reply": bool(asking.prompt_out or asking.replies),
    }
    several = [name for name, given in named.items() if given]
    if len(several) > 1:
        raise StopError(BAD_SPEC, f"{' and '.join(several)} name one who is asked each", "give one of them")
    if asking.command_line:
        from stepc.llm.command import Command, words

        return Command(words(asking.command_line), asking.timeout)
    if asking.prompt_out or asking.replies:
        from stepc.cli.trouble import readable
        from stepc.llm.files import Files

        readable(asking.replies, opened=True)
        return Files(tuple(map(Path, asking.replies)))
    from stepc.llm.endpoint import Endpoint
    from stepc.llm.settings import settings

    return Endpoint(
        settings(os.environ, model=asking.model or "", base_url=asking.base_url or "", timeout=asking.timeout, retries=asking.retries)
    )


def hand_out(asking: Asking, prompt: Prompt) -> str:
    """Write the prompt that waits for a reply where the options say; gives what to tell the user."""
    given = "".join(f" --reply {reply}" for reply in asking.replies)
    if asking.prompt_out == "-":
        write(prompt.text)
    elif asking.prompt_out:
        from stepc.files import write_changed

        write_changed(Path(asking.prompt_out), prompt.text)
    else:
        return f"a further prompt waits: name a file for it with --prompt-out, and give its reply behind{given or ' it with --reply'}"
    place = "above" if asking.prompt_out == "-" else f"in {asking.prompt_out}"
    return f"the prompt is {place}: carry it to a model and run this again with{given} --reply FILE"


def spent(meter: Meter) -> str:
    """What asking took, in words."""
    logged = f", {meter.logged:,} from the log" if meter.logged else ""
    cost = f", ${meter.cost:.4f}" if meter.cost else ""
    return f"{counted(meter.asked + meter.logged, 'prompt')}{logged}, {meter.tokens:,} tokens{cost}"


def refused(error: AskError) -> StopError:
    """An error of asking as the end of a verb."""
    return StopError(UNREADABLE, str(error), error.advice)
