"""The ways in which letters print their disputed treatments, one module each; a format file names the one it has."""
