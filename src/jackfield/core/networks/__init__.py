"""What the networks report, and what only they can do: groups, calls, catalogs, business profiles."""
