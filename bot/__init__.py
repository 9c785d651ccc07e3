"""Frontdesk: a support bot that answers from a YAML FAQ and hands what it can't answer to people."""

__version__ = "0.1.0"
