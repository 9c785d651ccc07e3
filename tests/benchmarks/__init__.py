"""Benchmarks print ratios against a stated yardstick in the same run; nothing here is a test."""
