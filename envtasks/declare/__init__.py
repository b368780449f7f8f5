"""Reading what was declared: two front doors, one set of declarations."""
