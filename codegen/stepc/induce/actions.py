"""Actions that are written as text: `search[shoes]`, `click(3)`, shell commands, SQL, code. Which verb they name, and with what."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from stepc.induce.words import listed
from stepc.induce.writing import string

SHELL = listed(
    """
    ls cat cd grep find echo python python3 pip pip3 git sed awk head tail mkdir rm mv cp touch chmod chown pwd
    which make bash sh sudo apt apt-get curl wget tar zip unzip gcc g++ node npm npx yarn go cargo rustc java
    javac mvn gradle pytest tox docker export source env printenv ps kill top diff patch tree wc sort uniq xargs
    tee test true false for while if set unset read printf less more man whoami id date df du file stat md5sum
    sha256sum base64 xxd strings objdump gdb nc ssh scp ping ifconfig ip netstat openssl perl ruby php psql mysql
    sqlite3 nano vi vim exit cut tr ln basename dirname realpath nl seq sleep time timeout locate rg fd jq yes
    nohup watch history alias type command exec eval trap umask
    """
)
"""Programs that are usually run in a shell."""
_SQL = re.compile(r"(?i)^\s*(?:select|show|desc|describe|use|insert|update|delete|create table|drop|alter|with|explain|pragma)\b")
SQL = r"/^\s*(select|show|desc|describe|use|insert|update|delete|create table|drop|alter|with|explain|pragma)\b/i"
_CODE = re.compile(r"^\s*(?:def |import |from \w+ import|print\(|class |for \w+ in |\w+ = |#)")
CODE = r"/^\s*(def |import |from \w+ import|print\(|class |for \w+ in |\w+ = |#)/"
_BRACKETS = re.compile(r"^\s*(\w+)\s*\[(.*?)\]?\s*$", re.DOTALL)
_PARENTHESES = re.compile(r"^\s*(\w+)\s*\((.*?)\)?\s*$", re.DOTALL)
_VERB = re.compile(r"^\s*([\w./-]+)")
_MANY = 0.6
_OFTEN = 0.004
_MOST_VERBS = 40


@dataclass(frozen=True, slots=True)
class ActionText:
    """How an action's text becomes a call: expressions for `tool` and `args`, and what has to be said before them.

    An action that begins with `thinks` is none: its words, `thought`, are a thought.
    """

    tool: str
    args: str
    lets: tuple[str, ...] = ()
    thinks: str = ""
    thought: str = ""
    doubt: str = ""


def action_text(shown: str, texts: Sequence[str]) -> ActionText:
    """The reading of an action's text at the expression `shown`, by what its texts look like."""
    bare = [text for text in texts if text.strip()]
    count = max(len(bare), 1)
    for form, opening, closing in ((_BRACKETS, r"\[", r"\]"), (_PARENTHESES, r"\(", r"\)")):
        fitting = [match for text in bare if (match := form.match(text)) and (opening == r"\[" or not _CODE.match(text))]
        if len(fitting) >= _MANY * count:
            verbs = Counter(match.group(1) for match in fitting)
            think = next((verb for verb in sorted(verbs) if verb.lower() in ("think", "thought")), "")
            inner = rf"capture({shown}, /^\s*\w+\s*{opening}(.*?){closing}?\s*$/s)"
            return ActionText(
                rf"capture({shown}, /^\s*(\w+)/) else skip",
                f'{{ input: {inner} else "" }}',
                thinks=f"{think}{opening[1:]}" if think else "",
                thought=rf"capture({shown}, /^\s*\w+{opening}(.*?){closing}?\s*$/s) else {shown}",
            )
    sql = sum(_SQL.match(text) is not None for text in bare)
    code = sum(_CODE.match(text) is not None for text in bare)
    verbs = Counter(match.group(1) for text in bare if not _SQL.match(text) and not _CODE.match(text) and (match := _VERB.match(text)))
    own = sorted(
        verb
        for verb, times in verbs.items()
        if times > max(2, _OFTEN * count) and verb not in SHELL and re.fullmatch(r"[a-z][a-z_]{2,}", verb)
    )
    shell = sum(times for verb, times in verbs.items() if verb in SHELL)
    base = "bash" if shell > 0.02 * count else "command"
    args = f"{{ command: {shown} }}"
    if not shell and not sql and not code and own:
        return ActionText(rf"capture({shown}, /^\s*([\w.\/-]+)/) else {string('action')}", args)
    tool = string(base)
    lets: tuple[str, ...] = ()
    if own and len(own) <= _MOST_VERBS:
        lets = (rf"let verb = capture({shown}, /^\s*([\w.\/-]+)/) else {string('?')}", f"let verbs = [{', '.join(map(string, own))}]")
        tool = f"if verb in verbs then verb else {tool}"
    if code > 0.02 * count:
        tool = f"if matches({shown}, {CODE}) then {string('python')} else {tool}"
    if sql > 0.02 * count:
        tool = f"if matches({shown}, {SQL}) then {string('sql')} else {tool}"
    doubt = "the tool's name is told from the first word of the action" if lets or sql or code else ""
    return ActionText(tool, args, lets, doubt=doubt)
