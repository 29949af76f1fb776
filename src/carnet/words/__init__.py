"""Both languages: the catalogues, and codes put in words for every door."""
