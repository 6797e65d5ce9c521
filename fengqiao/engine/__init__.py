"""Pure computing: no Django, no clock, no network, no database. Time is always an argument."""
