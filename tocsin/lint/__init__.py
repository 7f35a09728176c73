"""What an operations engineer would remark on a runbook before the incident. Pure: text, verdicts and answers go in."""

from tocsin.lint.check import check

__all__ = ["check"]
