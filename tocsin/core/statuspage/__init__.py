"""What the public is told of the team's systems: components, reports with their updates, history; pure."""
