"""Showing things to people and machines: every function here is values in, text out."""
