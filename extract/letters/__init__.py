"""The grammar of the letters: formats and vocabularies as data, and the rules that use them."""
