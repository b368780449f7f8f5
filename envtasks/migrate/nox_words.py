"""What the words of nox are here, and what to do about those that have no counterpart."""

from __future__ import annotations

#: Parts of nox and what they are called here.
COUNTERPARTS = {
    "nox.session": "env",
    "nox.Session": "Session",
    "nox.sessions.Session": "Session",
    "nox.options": "options",
    "nox.parametrize": "parametrize",
    "nox.param": "param",
    "nox.project": "project",
    "nox.command.CommandFailed": "CommandFailed",
}
#: What `from nox import *` gives.
PUBLIC = ("Session", "main", "needs_version", "options", "param", "parametrize", "project", "session")
#: What runs nox from inside its file.
STARTERS = ("nox.main", "nox.run", "nox._cli.main", "nox.__main__.main")

NO_COUNTERPART = "it has no counterpart; nox is still imported for it"
REUSED = "environments are used again as long as they are what is declared"
DOWNLOADS = "missing Pythons are installed where `python-sources` has internal, as it has by itself"
ORDER = "sessions run one after the other; `requires` puts them in order"
#: Keywords of a session that have no counterpart.
KEYWORDS = {
    "reuse_venv": REUSED,
    "download_python": DOWNLOADS,
    "allow_parallel": ORDER,
}
SYSTEM_PACKAGES = "--system-site-packages"
#: What makes environments for nox that is no virtual environment of pip or uv.
FOREIGN_BACKENDS = ("conda", "mamba", "micromamba", "rattler")

#: Options of nox that settings stand for.
SETTINGS = {"sessions": "sessions", "envdir": "env_dir"}
#: Those that choose what makes environments.
BACKENDS = ("default_venv_backend", "force_venv_backend")
#: The others, each with what to do instead.
OPTIONS = {
    "reuse_existing_virtualenvs": REUSED,
    "reuse_venv": REUSED,
    "download_python": DOWNLOADS,
    "error_on_missing_interpreters": "give the flag of this name, or set ENVTASKS_ERROR_ON_MISSING_INTERPRETERS=1; "
    "it is on where CI is set",
    "error_on_external_run": 'pass external="error" to session.run',
    "stop_on_first_error": "give -x, or set ENVTASKS_STOP_ON_FIRST_ERROR=1",
    "tags": "give -t, or set ENVTASKS_TAGS; options.sessions says what runs when nothing is named",
    "keywords": "give -k, or set ENVTASKS_KEYWORDS; options.sessions says what runs when nothing is named",
    "pythons": "options.sessions says what runs when nothing is named",
    "extra_pythons": "name the Pythons in python=[...]",
    "force_pythons": "name the Pythons in python=[...]",
    "no_install": "give -R, or set ENVTASKS_NO_INSTALL=1",
    "install_only": "give --install-only",
    "verbose": "give -v, or set ENVTASKS_VERBOSE=1",
    "report": "no report is written; the exit code tells the result",
    "parallel": ORDER,
    "allow_parallel": ORDER,
    "posargs": "give the arguments after `--`",
}

#: What a session of nox has that ours lacks or does otherwise.
SESSION_MEMBERS = {
    "conda_install": "environments here are virtual ones: session.install, or run conda with external=True",
    "_runner": "the insides of nox have no counterpart",
}
#: What sends a session elsewhere.
MOVING = ("chdir", "cd")
MOVED = "it moves the programs that are run; what Python opens itself is found from where the process is"
NAMED = (
    "names of variants are written otherwise here: test.py3.12-5.2; session.python and session.matrix have the parts"
)
#: What sessions call to run programs.
RUNNING = ("run", "run_always", "run_install")
DIRECTORIES = "environments lie in .envtasks/envs"
