"""From the files of other task runners to ours: text in, text out."""
