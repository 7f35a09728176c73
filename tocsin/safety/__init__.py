"""Safety: what a command does, judged from its text alone."""

from tocsin.safety.verdict import classify, pinned_environment

__all__ = ["classify", "pinned_environment"]
