"""`python -m api` is the `huodaona` command, for places where scripts are not on PATH."""

from api.cli import main

main()
