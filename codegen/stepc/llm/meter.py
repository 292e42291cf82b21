"""A transport that keeps count: what was asked before comes from the log, and nothing is asked beyond a budget."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from stepc.llm.ledger import Ledger
from stepc.llm.model import AskError, Prompt, Reply, Transport
from stepc.llm.settings import Price

LEAST_REPLY = 256
"""With room for fewer tokens than these, nothing is asked."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What a conversation may use. `tokens` counts prompts and replies; `cost` is in dollars and holds where a price is known."""

    tokens: int = 200_000
    cost: float | None = None
    price: Price | None = None

    def price_of(self, prompt_tokens: int, reply_tokens: int, told: float | None = None) -> float | None:
        """What an exchange cost: by the price, or as the server tells, whatever is more; None where nobody knows."""
        costs = [self.price.of(prompt_tokens, reply_tokens)] if self.price is not None else []
        return max([*costs, *([told] if told is not None else [])], default=None)


@dataclass(slots=True)
class Meter:
    """Asks `transport`, within `budget`, and keeps what it says in `ledger`; with `fresh` it asks whatever the ledger holds.

    A reply from the log counts as the first time, so that the same conversation ends at the same place, however often it is had.
    Exchanges that fail after the prompt was sent are counted with an estimate: they may have been paid for.
    """

    transport: Transport
    ledger: Ledger
    budget: Budget = Budget()
    fresh: bool = False
    asked: int = field(default=0, init=False)
    logged: int = field(default=0, init=False)
    tokens: int = field(default=0, init=False)
    cost: float | None = field(default=0.0, init=False)
    models: set[str] = field(default_factory=set, init=False)
    """Who answered, as they call themselves."""

    @property
    def identity(self) -> str:
        """Whom it asks."""
        return self.transport.identity

    def ask(self, prompt: Prompt) -> Reply:
        """The reply to a prompt; see `Transport`.

        Raises:
            AskError: there is none, or the budget has no room for it (`why` is "budget").
        """
        prompt = self._capped(prompt)
        reply = None if self.fresh else self.ledger.find(self.identity, prompt)
        if reply is not None:
            self.logged += 1
        else:
            reply = self._new(prompt)
        usage = reply.usage
        reply = replace(reply, cost=self.budget.price_of(usage.prompt_tokens, usage.reply_tokens, reply.cost))
        if not reply.logged:
            self.ledger.add(self.identity, prompt, reply)
        self.models.add(reply.model)
        self._spend(usage.tokens, reply.cost)
        return reply

    def _new(self, prompt: Prompt) -> Reply:
        self.asked += 1
        try:
            return self.transport.ask(prompt)
        except AskError as error:
            if error.why in ("timeout", "bad reply"):
                self._spend(prompt.tokens, self.budget.price_of(prompt.tokens, 0))
            raise

    def _capped(self, prompt: Prompt) -> Prompt:
        """The prompt with a reply no longer than the budget has room for."""
        budget = self.budget
        room = min(prompt.reply_tokens, budget.tokens - self.tokens - prompt.tokens)
        if budget.cost is not None and budget.price is not None:
            money = budget.cost - (self.cost or 0.0) - budget.price.of(prompt.tokens, 0)
            room = min(room, int(money * 1e6 / budget.price.reply)) if budget.price.reply else room if money >= 0 else 0
        if room < min(LEAST_REPLY, prompt.reply_tokens):
            spent = f"{self.tokens:,} tokens" + (f" and ${self.cost:.4f}" if self.cost else "")
            message = f"the budget has no room for another prompt: {spent} are used, and it has about {prompt.tokens:,} tokens"
            raise AskError("budget", message, "--max-tokens and --max-cost set the budget")
        return replace(prompt, reply_tokens=room)

    def _spend(self, tokens: int, cost: float | None) -> None:
        self.tokens += tokens
        self.cost = None if cost is None or self.cost is None else self.cost + cost
