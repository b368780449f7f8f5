"""`python -m envtasks`."""

from envtasks.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
