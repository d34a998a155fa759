"""``python -m syntony``: the shell door where the script is not on the path."""

from syntony.cli import main

main(prog_name="syntony")
