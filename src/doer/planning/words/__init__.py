"""Words: what a sentence is made of, before anybody asks what it means here."""
