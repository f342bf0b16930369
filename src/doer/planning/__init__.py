"""Planning: a grounded goal becomes a valid plan, a question, or an abstention."""
