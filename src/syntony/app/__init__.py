"""The app: a study in the browser, for one machine, offline. It translates; it computes nothing."""
