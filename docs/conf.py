"""The manual: pages by hand in Markdown, pages per list entry made by ``make_pages.py``."""

from importlib.metadata import version as installed

project = "Syntony"
author = "The Syntony developers"
copyright = "2026, the Syntony developers"
release = installed("syntony")
version = release
extensions = ["sphinx.ext.autodoc", "numpydoc", "myst_parser"]
myst_enable_extensions = ["colon_fence"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
exclude_patterns = ["_build"]
html_theme = "pydata_sphinx_theme"
html_title = "Syntony"
html_theme_options = {"show_prev_next": False, "navigation_with_keys": False}
numpydoc_show_class_members = False
numpydoc_validation_checks: set[str] = set()
autodoc_typehints = "none"
html_show_sourcelink = False
