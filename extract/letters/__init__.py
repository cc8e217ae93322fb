"""The grammar of the letters: formats and vocabularies as data, and the few rules that read them."""
