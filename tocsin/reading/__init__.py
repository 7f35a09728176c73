"""Markdown → `Runbook`: lossless, tolerant, pure. What was not understood is a problem with its line, never a guess."""

from tocsin.reading.runbook import read

__all__ = ["read"]
