"""What agents do: one file a kind of agent, one plain function a behaviour.

Each function takes agents and reads and writes their attributes. It runs as it stands when a Mesa
agent acts, and compiled when thousands of runs are made; there is no second text. The order in
which behaviours act is printed, from the code itself, by ``trucesim describe --steps``.

In every rule ``p`` holds the run's parameters and ``now`` the dated conditions
(:mod:`trucesim.parameters`), ``u`` is a draw from [0, 1) that belongs to this agent, decision and
week, and rates are per day.

A rule writes only to its first argument. What it does to others is counted, and they take notice
at the week's end: so the order in which agents of a kind act makes no difference.
"""
