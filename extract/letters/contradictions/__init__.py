"""Contradictions inside a letter: what two of its places, or a place and plain fact, cannot both hold."""
