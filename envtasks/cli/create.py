"""`envtasks env create` and `env sync`: environments made what they are declared to be, and nothing run in them."""

from __future__ import annotations

from envtasks.cli.command import Invocation
from envtasks.cli.performing import AS_ASKED, BROKEN, FAILED, missing_fails, own_terminal
from envtasks.cli.places import Wanted, asked, place_of, wanted
from envtasks.cli.preparing import Preparing
from envtasks.cli.world import World, look
from envtasks.environments import record
from envtasks.errors import EnvironmentFailed, InterpreterMissing
from envtasks.events import Outcome
from envtasks.model import Environment
from envtasks.option_table import NONE, TYPE
from envtasks.report.terminal import Terminal
from envtasks.signals import Stopped, signals_raise


def main(invocation: Invocation) -> int:
    flags = invocation.flags
    world = look(flags)
    if invocation.operands or invocation.verb == "env create":
        environments = asked(invocation.operands, world)
    else:
        environments = there(world)
    anew = AS_ASKED if getattr(flags, "recreate", False) else ""
    with own_terminal(world.host, flags) as terminal:
        preparing = Preparing(world.host, terminal, anew=anew)
        fails = missing_fails(flags.error_on_missing_interpreters, world.host.environ)
        outcomes = [ready(one, preparing, terminal, missing_fails=fails) for one in wanted(environments, world)]
    if "broken" in outcomes:
        return BROKEN
    return FAILED if outcomes and set(outcomes) == {"skipped"} else 0


def there(world: World) -> tuple[Environment, ...]:
    """The environments that have been made already."""
    made = (one for one in world.project.environments.values() if one[TYPE] != NONE)
    return tuple(one for one in made if record.is_ours(place_of(one, world).directory))


def ready(one: Wanted, preparing: Preparing, terminal: Terminal, *, missing_fails: bool) -> Outcome:
    """Make an environment ready, and tell how that went."""
    name = one.recipe.name
    if one.unsupported:
        return told(terminal, name, "skipped", one.unsupported)
    try:
        with signals_raise():
            preparing.prepare(one.recipe)
    except InterpreterMissing as error:
        return told(terminal, name, "broken" if missing_fails else "skipped", error.reason)
    except EnvironmentFailed as error:
        return told(terminal, name, "broken", error.reason)
    except Stopped as stopped:
        told(terminal, name, "broken", stopped.message)
        raise
    preparing.release(one.recipe)
    if one.recipe.directory not in preparing.made:
        reason = "there is nothing to make" if one.recipe.type == NONE else "is as declared"
        terminal.line(f"{name}: {reason}", "passed")
    return "passed"


def told(terminal: Terminal, name: str, outcome: Outcome, reason: str) -> Outcome:
    terminal.line(f"{name}: {outcome}: {reason}", outcome, level=-1)
    return outcome
