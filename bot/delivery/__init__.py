"""The loops between the world and the core: what came in is handled, what must go out is sent. Over ports only."""
