"""Our answers beside those of Hatch itself."""
