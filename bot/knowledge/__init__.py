"""Knowledge from YAML files: read, check, watch."""
