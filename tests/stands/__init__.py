"""Local stand-ins for what is outside: platforms and the clock."""
