# Read by the zsh that `envtasks shell` starts, in place of the person's file, which it reads first.
if [[ -n $_envtasks_theirs ]]; then
    export ZDOTDIR=$_envtasks_theirs
else
    unset ZDOTDIR
fi
# The file of the system may have put the history where it found this one.
if [[ ${HISTFILE-} == $_envtasks_rc/* ]]; then
    HISTFILE=${ZDOTDIR:-$HOME}/${HISTFILE:t}
fi
unset _envtasks_theirs _envtasks_rc
if [[ -r ${ZDOTDIR:-$HOME}/.zshrc ]]; then
    source ${ZDOTDIR:-$HOME}/.zshrc
fi
eval "$_ENVTASKS_AFTER"
unset _ENVTASKS_AFTER
