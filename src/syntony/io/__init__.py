"""One file per format, and the study folder."""
