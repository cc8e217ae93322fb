"""`python -m imr`: the command."""

from imr.cli import main

main()
