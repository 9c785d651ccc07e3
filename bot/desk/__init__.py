"""The desk, where people work: when it is open, who is asked, how long it takes, and that nobody is forgotten."""
