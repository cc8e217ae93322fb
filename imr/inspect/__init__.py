"""`imr show` and `imr explain`: one letter, read and drawn."""
