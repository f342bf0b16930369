"""Plans in which every word is accounted for: by what a tool is called, by its arguments, or by rows that its reads tell."""
