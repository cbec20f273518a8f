"""A talk as a file says it: what a scenario is made of, how one is played, and what it stands on. Knows no window.

Read it in this order: ``scenario`` (cues, steps, expectations), ``ground`` (the throw-away catalogue and the window, as
narrow as a player needs them), ``player`` (plays cues, says which failed and why), ``expectations``,
``recorder`` (steps out of what somebody does).
"""
