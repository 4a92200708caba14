"""Search: what was said, and who and what is called so."""
