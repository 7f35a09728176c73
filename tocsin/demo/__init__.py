"""`tocsin demo`: a small shop of ours, a bad deployment, and Tocsin running a runbook from detection to post-mortem."""
