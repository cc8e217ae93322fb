"""Several machines on one: processes with homes of their own, sharing databases and an object store alone."""
