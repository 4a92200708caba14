"""Public test kit: a real server in a process of its own, the simulator, contracts for engines and dialects."""
