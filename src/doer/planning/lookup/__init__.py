"""Lookups: ids and addresses that nobody says, found by granted reads while planning."""
