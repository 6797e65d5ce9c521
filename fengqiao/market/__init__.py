"""Market data from outside: the only place of the project, besides the portal, that reaches into the network."""
