"""The invented installation: people and bodies that tests, browsers and the demo have in common."""
