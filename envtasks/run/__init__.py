"""Performing a plan."""
