"""The command line: `doer`, as a person types it."""

from doer.interfaces.cli.entry import main

__all__ = ["main"]
