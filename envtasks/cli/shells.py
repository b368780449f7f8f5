"""How each shell is started so that an environment is active in it, whatever the files of the person do.

These files run after us and may put other programs first, so that what they must not change is said once more behind
them, as code for that shell. What is read in place of them, and reads them first, lies beside this module in `rc`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence

from envtasks.declared import Pairs, Texts
from envtasks.tuples import NamedTuple

RC = os.path.join(os.path.dirname(os.path.abspath(__file__)), "rc")
#: The code that a file of ours runs behind the person's, and what it needs to find these.
AFTER, THEIR_ENV, THEIR_ZDOTDIR = "_ENVTASKS_AFTER", "_ENVTASKS_ENV", "_ENVTASKS_ZDOTDIR"


class Active(NamedTuple):
    """What holds in the shell: the ``title`` in its prompt, programs that come first, variables set and unset."""

    title: str
    programs: str
    variables: Pairs
    unset: Texts = ()


class Opening(NamedTuple):
    """The words that start a shell, without the program itself, and variables to set for it."""

    words: Texts
    variables: Mapping[str, str] = {}


def opening(program: str, arguments: Sequence[str], active: Active, variables: Mapping[str, str]) -> Opening:
    """How to start this program, a shell, with these arguments; one that we do not know gets them as they are."""
    start = STARTS.get(family(program))
    return start(tuple(arguments), active, variables) if start else Opening(tuple(arguments))


def family(program: str) -> str:
    """The shell behind a program: `/bin/bash`, `bash.exe`, `-bash` of a login, `bash-5.2`."""
    name = os.path.basename(program.replace("\\", "/")).lower().removesuffix(".exe").lstrip("-")
    return re.split(r"[-.\d]", name, maxsplit=1)[0]


def prompt_title(active: Active) -> str:
    """The title without what shells make something of in a prompt, in brackets; nothing where none is wanted."""
    return f"({re.sub(r'[^a-zA-Z0-9 .,_+@=-]', '_', active.title)}) " if active.title else ""


def is_interactive(arguments: Texts) -> bool:
    return not arguments or "-i" in arguments


def bash(arguments: Texts, active: Active, _variables: Mapping[str, str]) -> Opening:
    words = ("--rcfile", os.path.join(RC, "bash"), *(arguments or ("-i",)))
    return Opening(words, {AFTER: after(active, BASH_PROMPT)}) if is_interactive(arguments) else Opening(arguments)


def sh(arguments: Texts, active: Active, variables: Mapping[str, str]) -> Opening:
    if not is_interactive(arguments):
        return Opening(arguments)
    theirs = {THEIR_ENV: variables["ENV"]} if variables.get("ENV") else {}
    code = after(active, SH_PROMPT)
    return Opening(arguments or ("-i",), {AFTER: code, "ENV": os.path.join(RC, "sh"), **theirs})


def zsh(arguments: Texts, active: Active, variables: Mapping[str, str]) -> Opening:
    """Its `.zshenv` is read by every zsh, also by one that only runs a command."""
    theirs = {THEIR_ZDOTDIR: variables["ZDOTDIR"]} if variables.get("ZDOTDIR") else {}
    code = after(active, ZSH_PROMPT)
    return Opening(arguments or ("-i",), {AFTER: code, "ZDOTDIR": os.path.join(RC, "zsh"), **theirs})


def fish(arguments: Texts, active: Active, _variables: Mapping[str, str]) -> Opening:
    """It takes code to run behind its files; so do all that are only to run something."""
    lines = [f"set -gx {name} {in_fish(value)}" for name, value in active.variables]
    lines += [f"set -e {name}" for name in active.unset]
    if active.programs:
        first = in_fish(active.programs)
        lines.append(f'test "$PATH[1]" = {first}; or set -gx PATH {first} $PATH')
    if prompt_title(active):
        lines.append(FISH_PROMPT.format(title=in_fish(prompt_title(active))))
    return Opening(("--init-command", "\n".join(lines), *arguments))


def powershell(arguments: Texts, active: Active, _variables: Mapping[str, str]) -> Opening:
    if arguments:
        return Opening(arguments)
    lines = [f"$env:{name} = {in_powershell(value)}" for name, value in active.variables]
    if active.programs:
        lines.append(f"$env:PATH = {in_powershell(active.programs + os.pathsep)} + $env:PATH")
    if prompt_title(active):
        lines.append(POWERSHELL_PROMPT.format(title=in_powershell(prompt_title(active))))
    return Opening(("-NoLogo", "-NoExit", "-Command", "\n".join(lines)))


def cmd(arguments: Texts, active: Active, variables: Mapping[str, str]) -> Opening:
    prompt = prompt_title(active) + variables.get("PROMPT", "$P$G")
    return Opening(arguments, {"PROMPT": prompt})


STARTS: dict[str, Callable[[Texts, Active, Mapping[str, str]], Opening]] = {
    "bash": bash,
    "zsh": zsh,
    "fish": fish,
    **dict.fromkeys(("sh", "dash", "ash", "ksh", "mksh", "yash"), sh),
    **dict.fromkeys(("pwsh", "powershell"), powershell),
    "cmd": cmd,
}


def after(active: Active, prompt: str) -> str:
    """The code that makes an environment active once more, for shells that read what POSIX has."""
    from shlex import quote

    lines = [f"export {name}={quote(value)}" for name, value in active.variables]
    lines += [f"unset {name}" for name in active.unset]
    if active.programs:
        first = quote(active.programs)
        lines.append(f'case "$PATH" in {first}:*) ;; *) export PATH={first}:"$PATH" ;; esac')
    if prompt_title(active):
        lines.append(prompt.format(title=quote(prompt_title(active))))
    return "\n".join(lines)


def in_fish(text: str) -> str:
    return "'{}'".format(text.replace("\\", "\\\\").replace("'", "\\'"))


def in_powershell(text: str) -> str:
    return "'{}'".format(text.replace("'", "''"))


#: Prompts are often made anew before each line: what comes last puts the title back.
BASH_PROMPT = """\
_envtasks_prompt() {{ case "$PS1" in *{title}*) ;; *) PS1={title}"$PS1" ;; esac; }}
_envtasks_prompt
case "$(declare -p PROMPT_COMMAND 2>/dev/null)" in
"declare -a"*) PROMPT_COMMAND+=(_envtasks_prompt) ;;
*) PROMPT_COMMAND="${{PROMPT_COMMAND:+$PROMPT_COMMAND$'\\n'}}_envtasks_prompt" ;;
esac"""
ZSH_PROMPT = """\
_envtasks_prompt() {{ case "$PROMPT" in *{title}*) ;; *) PROMPT={title}"$PROMPT" ;; esac; }}
[[ -o interactive ]] && precmd_functions+=(_envtasks_prompt)
true"""
SH_PROMPT = 'PS1={title}"${{PS1-\\$ }}"'
FISH_PROMPT = """\
if functions -q fish_prompt
    functions -c fish_prompt _envtasks_their_prompt
    function _envtasks_status
        return $argv[1]
    end
    function fish_prompt
        set -l before $status
        printf %s {title}
        _envtasks_status $before
        _envtasks_their_prompt
    end
end"""
POWERSHELL_PROMPT = """\
$_envtasks_prompt = $function:prompt
function prompt {{ {title} + (& $_envtasks_prompt) }}"""
