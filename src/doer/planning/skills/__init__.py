"""Skills: named plans with slots, how their files are read, and how their steps are expanded."""
