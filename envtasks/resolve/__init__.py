"""From declarations to the model: text in, value out, no look at the world."""
