"""The workers of Caviar: an agent on a Ray cluster, its slots, and the training code they supervise."""
