"""From the model and a request to the exact list of what will be done; nothing is started here."""
