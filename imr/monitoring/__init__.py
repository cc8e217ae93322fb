"""`imr status`, late and stale loads."""
