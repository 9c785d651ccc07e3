"""Sentence vectors, optional: what texts mean, as numbers, beside what they say."""
