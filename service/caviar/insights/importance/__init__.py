"""Which parameters mattered: two measures, over the whole space and among the good, with how sure they are."""
