"""Learning: what a person's approved work teaches, and whether what was learnt is better."""
