"""Storage: the engine and its transactions, the group commit, encrypted columns."""
