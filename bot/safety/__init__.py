"""Keeps people safe: hides the secrets they paste, and limits how fast anyone may write."""
