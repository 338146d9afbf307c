"""How long a nudge, a pause and a checkpoint take, in real processes on two nodes of Ray."""
