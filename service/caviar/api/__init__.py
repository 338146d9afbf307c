"""FastAPI: thin endpoints over engine and insights, one module per noun; errors, auth, waiting, background work."""

import os

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
"""Before numpy loads: model-based searches think on small matrices, on which several BLAS threads (measured on two
cores) took 8 times as long as one and kept the cores from the training beside them."""
