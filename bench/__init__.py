"""Figures, each beside this machine's own limit measured in the same run."""
