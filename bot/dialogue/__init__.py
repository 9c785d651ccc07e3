"""The pure conversation core: values in, values out."""
