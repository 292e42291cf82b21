"""`--fail-on`: what a run may hold before it counts as a finding."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stepc.cli.session import BAD_SPEC, StopError

if TYPE_CHECKING:
    from stepc.runtime.run import RunAccount

_FORM = re.compile(r"(?P<what>[a-z_]+)\s*(>\s*(?P<most>\d+(\.\d+)?)\s*(?P<share>%?))?")


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` of something, or at most that share of all (`share`, in per cent)."""

    what: str
    most: float = 0.0
    share: bool = False

    @classmethod
    def parse(cls, text: str) -> Limit:
        """`unknown`, `unknown>20`, `unknown>1%`, `wrong_type`."""
        found = _FORM.fullmatch(text.strip())
        if found is None:
            raise StopError(BAD_SPEC, f"--fail-on does not understand '{text}'", "`unknown`, `unknown>20` and `unknown>1%` are limits")
        return cls(found["what"], float(found["most"] or 0), bool(found["share"]))


def over(limit: Limit, account: RunAccount) -> str:
    """Why a limit is exceeded, or nothing. Events are counted among events, episodes among episodes, defects among events."""
    events, episodes = account.in_kept, account.episodes
    of = {
        "unknown": (account.account.unknown, events),
        "silent": (account.account.silent, events),
        "skipped": (sum(item.count for item in account.account.skipped), events),
        "dropped": (sum(account.dropped.values()), episodes),
        "duplicates": (account.duplicates, episodes),
        "unlabelled": (max([count.unknown for count in account.labels.values()], default=0), account.kept),
        "defects": (sum(defect.count for defect in account.defects), events),
    }
    kind = (sum(defect.count for defect in account.defects if defect.kind == limit.what), events)
    count, total = of.get(limit.what, kind)
    most = limit.most / 100 * total if limit.share else limit.most
    if count <= most:
        return ""
    share = f" ({count / total:.2%} of {total:,})" if total else ""
    return f"{limit.what}: {count:,}{share}, at most {limit.most:g}{' %' if limit.share else ''}"
