"""Settings of tox that nothing is made of, and what to tell of each."""

from __future__ import annotations

from collections.abc import Iterator

from envtasks.migrate.migrated import Fate, Left
from envtasks.migrate.tox_project import PACKAGING, ToxProject
from envtasks.migrate.tox_reading import BASE, CORE, PREFIX, Section

#: What is read elsewhere.
TAKEN = {
    "base",
    "base_python",
    "change_dir",
    "commands",
    "commands_pre",
    "constraints",
    "dependency_groups",
    "deps",
    "description",
    "env_dir",
    "env_list",
    "extras",
    "ignore_outcome",
    "labels",
    "no_package",
    "package",
    "pip_pre",
    "platform",
    "set_env",
    "skip_install",
    "system_site_packages",
    "use_develop",
}
FRESH = "not needed: an environment is made anew when what it was made from changed"
ALWAYS = "not needed: commands may be any program, and see all variables but those in 'env-exclude'"
LIVE = "not needed: output is shown as it comes, and told apart when several run"
BUILD = "not needed: the project is built, apart from its environments, by the backend that it names"
#: What is taken over, and comes to something else.
CHANGED = ("commands_post", "depends")
#: Why a setting is not taken over, or what to do instead.
HINTS = {
    "allowlist_externals": ALWAYS,
    "alwayscopy": FRESH,
    "always_copy": FRESH,
    "args_are_paths": "paths among the arguments are given as they are typed; write them as they are seen from the root",
    "commands_post": "they run last, and only where what stood before them passed",
    "constrain_package_deps": "not needed: constraints hold for everything that is installed",
    "commands_retry": "nothing runs a failed command again; let the script do it",
    "depends": "what a script requires runs before it, also where it was not asked for",
    "disallow_pass_env": "write the names into 'env-exclude'",
    "distdir": BUILD,
    "distshare": BUILD,
    "download": FRESH,
    "fail_fast": "give -x on the command line",
    "ignore_base_python_conflict": "not needed: the Python in the name of an environment counts",
    "ignore_errors": "the first failing command ends a script; write '- ' before those whose failure does not count",
    "install_command": "pip or uv are called as they are; say what differs by variables such as PIP_INDEX_URL",
    "interrupt_timeout": "programs that are interrupted get a time of their own to end",
    "isolated_build": BUILD,
    "isolated_build_env": BUILD,
    "list_dependencies_command": FRESH,
    "min_version": "'requires-envtasks' asks for a version of envtasks",
    "package_env": BUILD,
    "package_tox_env_type": BUILD,
    "parallel_show_output": LIVE,
    "pass_env": ALWAYS,
    "provision_tox_env": "plugins of tox mean nothing to envtasks",
    "recreate": FRESH,
    "requires": "plugins of tox mean nothing to envtasks; 'requires-envtasks' asks for a version of it",
    "runner": "'installer' says what fills environments: pip or uv",
    "skip_missing_interpreters": "not needed: a missing Python skips its sessions, and in CI fails them, unless told otherwise",
    "suicide_timeout": "programs that are interrupted get a time of their own to end",
    "temp_dir": "environments lie in '.envtasks', or where 'env-dir' says",
    "terminate_timeout": "programs that are interrupted get a time of their own to end",
    "uv_seed": "not needed: pip is there where a command calls it",
    "wheel_build_env": BUILD,
    "work_dir": "environments lie in '.envtasks', or where 'env-dir' says",
}
#: Sections of plugins that choose environments by what a CI service says of itself.
PLUGINS = ("gh", "gh-actions", "gh-actions:env", "gh_actions", "travis", "travis:env", "pyenv", "docker")
UNKNOWN = "no setting of tox that is known here; a plugin's, or a section of values of your own"


def leftovers(project: ToxProject, *, shared: bool) -> Iterator[Left]:
    """What of a file nothing was made of; ``shared``: the file is one that other tools keep their settings in."""
    for title, section in project.sections.items():
        if title.startswith(tuple(PREFIX + name for name in PACKAGING)) or title == "pkgenv":
            yield Left(section.number, f"[{title}]", BUILD, "left out")
        elif title in (CORE, BASE) or title.startswith(PREFIX):
            yield from settings_left(section)
        elif title.removeprefix("tox:") in PLUGINS:
            hint = "plugins of tox mean nothing to envtasks; name sessions where it is called"
            yield Left(section.number, f"[{title}]", hint, "left out")
        elif title not in project.referenced and not shared:
            hint = "of another tool: leave it in this file, or give it one of its own"
            yield Left(section.number, f"[{title}]", hint, "left out")


def settings_left(section: Section) -> Iterator[Left]:
    for name, setting in section.settings.items():
        if name not in TAKEN:
            fate: Fate = "changed" if name in CHANGED else "left out"
            yield Left(setting.number, f"'{name}'", HINTS.get(name, UNKNOWN), fate)
