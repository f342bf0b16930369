"""The action model: how a small network's scores become calls that a schema accepts."""
