"""Naming: rows and files that a goal speaks of in other words than their keys and paths, found by reads while planning."""
