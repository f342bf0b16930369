"""Thresholds of calibrated confidence (0 to 1), where nobody sets others: settings name them without loading a planner."""

from __future__ import annotations

from typing import Final

TRUSTED: Final = 0.5
"""Below this the action model says that it does not know."""
SURE: Final = 0.75
"""Below this one it asks whether its reading is what was meant."""
SHOWN: Final = 0.1
"""Where a plan is only shown, and nothing comes of it, both are this: one in ten of such plans is right."""
SETTLES: Final = 0.9
"""From this on the second of two planners may settle a question of the first."""
