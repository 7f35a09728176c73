"""The HTTP surface for programs."""
