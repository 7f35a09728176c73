"""The status page as use cases: publish, plan maintenance, tell subscribers, and read what the page shows."""
