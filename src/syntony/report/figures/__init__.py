"""Figures drawn as SVG text; their colours stand in the style sheet of the page alone."""
