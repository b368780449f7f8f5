# Read by the zsh that `envtasks shell` starts, in place of the person's file, which it reads first.
_envtasks_rc=$ZDOTDIR
if [[ -n ${_ENVTASKS_ZDOTDIR-} ]]; then
    export ZDOTDIR=$_ENVTASKS_ZDOTDIR
    unset _ENVTASKS_ZDOTDIR
else
    unset ZDOTDIR
fi
if [[ -r ${ZDOTDIR:-$HOME}/.zshenv ]]; then
    source ${ZDOTDIR:-$HOME}/.zshenv
fi
if [[ -o interactive ]]; then
    # The next file is ours as well, and then theirs.
    _envtasks_theirs=${ZDOTDIR-}
    export ZDOTDIR=$_envtasks_rc
else
    eval "$_ENVTASKS_AFTER"
    unset _ENVTASKS_AFTER _envtasks_rc
fi
