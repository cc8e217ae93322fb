"""The styles in which letters print their disputed treatments, one module each; a format file names its style."""
