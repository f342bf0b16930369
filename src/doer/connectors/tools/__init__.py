"""Connections to real systems; each tool in them is complete in its four verbs."""
