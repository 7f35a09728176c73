"""What works by itself: merging intake, waking clocks, reading signals, telling people, carrying out runs."""

from tocsin.engine.engine import Engine

__all__ = ["Engine"]
