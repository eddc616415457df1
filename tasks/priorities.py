"""What goes first when several tasks could run; Luigi raises what a task needs to its own level.

A night's model is learnt, judged and published before anything is made of it, so that it is live
even when the rest is late, and the slowest task, training, begins as early as it can.
"""

LEARN, JUDGE, PUBLISH, SERVE = 40, 30, 20, 10
