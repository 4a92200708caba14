"""The product: nouns, rules and the ledger. Imports no web framework and no vendor."""
