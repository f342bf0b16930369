"""Runtime: drives runs by asking the decider what comes next, performing it, and recording what came of it."""
