"""Policy: nothing happens without a grant; no answer, or an error, is a no."""
