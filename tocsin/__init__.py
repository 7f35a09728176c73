"""Tocsin runs a team's Markdown incident runbook."""

__version__ = "0.1.0"
