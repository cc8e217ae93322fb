"""The gates: Great Expectations suites, and what runs them on frames and names the letters that broke one."""
