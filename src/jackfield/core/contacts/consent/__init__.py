"""Who may be written to: refusals, the words that mean them, suppressions."""
