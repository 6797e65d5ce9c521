"""Scenario grids: one case measured under many alternatives at once, sharing whatever they have in common."""
