"""Figures over incidents: how long things took, who was woken, what was promised, which alerts were noise. Pure.

A timeline is rolled into one `Measured` (`measuring`), many of those are counted (`counting`), and what was counted is
said in plain text (`report`). What each figure means stands in `meanings` and nowhere else.
"""
