"""Pythons: what may be asked for, where they lie, and those that envtasks installs."""
