"""Rules of the gates as Great Expectations suites, and the gate that runs them on frames."""
