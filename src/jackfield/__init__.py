"""Jackfield: self-hosted business messaging; any API in, any engine out."""

__version__ = "0.1.0"
