"""A network with people in it, the default channel: embedded, or as a stand-alone server for the real engines."""
