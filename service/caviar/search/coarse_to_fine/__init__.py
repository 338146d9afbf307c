"""Coarse-to-fine: sample the whole space, zoom round by round onto where good results lie, let a model choose there.

evidence   what the history says, ready for use         region   a box of the unit cube
rounds     when a round closes and what it moves        words    why, for people
model      a Gaussian process                           propose  which point is worth a trial
search     the searcher: a pure function of history and stored rounds
"""
