"""How good the searches are: peers side by side on the same tasks, with simulated asynchronous workers.

python -m benchmarks.quality --suite synthetic --searchers coarse_to_fine,tpe,random --parallel 16 --budget 200
"""
