"""Published versions, on disk or in an object store."""
