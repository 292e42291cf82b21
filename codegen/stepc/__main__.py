"""`python -m stepc`."""

from stepc.cli import main

main()
