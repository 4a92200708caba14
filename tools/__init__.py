"""Tools of the build; nothing of this is installed."""
