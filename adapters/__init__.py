"""One file or folder a platform, with `Options` and `Adapter`, found by its name in the configuration."""
