"""The port to the networks: what a message says, what an engine is asked, and what it reports."""
