"""Sentences in a freshly connected workspace, judged by the world; see README.md."""
