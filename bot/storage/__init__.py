"""Durable state: the schema, the transactions as plain synchronous functions, and the databases that run them."""
