"""Derived skills: what can be asked of the tables, people and folders that a connection holds."""
