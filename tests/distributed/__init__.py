"""Several machines simulated by processes with separate homes, which share only databases and an object store."""
