"""One clock: offset and drift of every device, with the error that remains."""
