"""Plans in which every word is accounted for: by what a tool is called, by its arguments, or by rows that its reads tell."""

from typing import Final

ASKS: Final = "words and rows, to be told"
"""Who plans a question of which `telling.told` tells the answer. Here, so that asking who it was loads nothing."""
