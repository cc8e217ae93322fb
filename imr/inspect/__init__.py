"""`imr show` prints a letter, `imr explain` draws its pages."""
