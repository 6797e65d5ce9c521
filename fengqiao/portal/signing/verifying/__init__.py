"""Looking at signatures of hostile files, in a process of its own. Nothing in here knows Django, the database or any
secret."""
