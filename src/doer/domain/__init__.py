"""The vocabulary that every room speaks: frozen values, closed unions, the fold and the ports; no I/O happens here."""
