"""The web portal: one folder a capability, all with the same inner shape (docs/recipes/portal_app.md)."""
