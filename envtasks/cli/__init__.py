"""The command line: the only place that knows argv, the environment, the cwd, the terminal and exit codes."""
