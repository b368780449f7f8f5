"""Environments on disk: where they lie, what they are made with, whether they are still true."""
