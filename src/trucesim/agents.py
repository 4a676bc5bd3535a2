"""What each kind of agent carries, and the kinds of killing.

A field's name here is the attribute's name in a rule (``clique.trust``) and on the Mesa agent.
Whole numbers are integers, so that sums do not depend on the order of adding. They are no wider
than they need be: every week walks all cliques, and a shorter row is walked faster.
"""

from __future__ import annotations

import numpy as np

from trucesim.parameters import GANGS

G = len(GANGS)


STATE = G
"""Index of the state among those a clique may bear a grudge against: after the gangs."""


# The kinds of killing, in the order in which every array holds them.
KINDS = (
    "between_gangs",
    "gangs_against_others",
    "police",
    "soldiers",
    "by_forces",
    "others",
)


# Not Python's numbers: numba would compile a function anew for every one that it is called with.
BETWEEN_GANGS, GANGS_AGAINST_OTHERS, POLICE, SOLDIERS, BY_FORCES, BY_OTHERS = np.arange(6)

CLIQUE = np.dtype(
    [
        ("number", "i4"),  # its address in draws: from birthplace and date, not from a count
        ("gang", "u2"),
        ("place", "u2"),  # row of its municipality
        ("members", "i4"),
        ("active", "b1"),  # False once dissolved
        ("complies", "b1"),  # holds to the order in force
        ("struck", "i2"),  # members killed this week
        ("disposition", "f8"),  # lasting inclination to obey, logit
        ("trust", "f8"),  # belief in the rivals' restraint, 0 to 1
        ("mood", "f8"),  # passing inclination to obey, logit; drawn anew four times a year
        ("grudge", "f8"),  # unavenged attacks by rival gangs, all together
        ("anger", "f8"),  # unavenged killings by the state
        ("funded", "f8"),  # days since the last count on which it held, in a zone with funds
        ("grievance", "f8", (G,)),  # unavenged attacks by each gang
        ("founded_with", "i4"),  # members when it was founded: the size that recruits restore
        ("struck_by", "i2", (G + 1,)),  # killed this week by each gang, and by the state
    ],
    align=True,
)


MUNICIPALITY = np.dtype(
    [
        ("department", "i8"),
        ("population", "f8"),
        ("violence", "f8"),  # proxy: homicides per 100,000 a year, drawn within what is known
        ("others_rate", "f8"),  # homicides by non-members, a day
        ("zone", "b1"),  # has signed as a violence-free zone
        ("zone_day", "i8"),  # the day on which it signs; -1: never
        ("army_leaves_day", "i8"),  # the day on which the army leaves joint patrols; -1: never
        ("members", "i4", (G,)),  # gang members here
        ("holding", "i4", (G,)),  # of these, members of cliques that hold to the order
        ("counted", "i4", (2, G)),  # members, while they are counted: not holding, and holding
        ("members_beside", "i4", (G,)),  # the same next door
        ("holding_beside", "i4", (G,)),
        ("reach", "f8", (G,)),  # members here, and next door by their weight
        ("contact", "f8", (G,)),  # chance that a gang member met within reach is a rival
        ("record", "f8", (G,)),  # share of each gang's rivals within reach that held
        ("calm_nearby", "f8"),  # share of all gang members next door that held
        ("terms", "f8"),  # what it adds to the order in force, logit: local pact and benefits
    ],
    align=True,
)


FORCE = np.dtype(
    [
        ("police", "f8"),
        ("soldier_share", "f8"),  # of all soldiers deployed
        ("ordinary", "f8"),  # police and soldiers here at the start
        ("soldiers", "f8"),  # on patrol here now
        ("pressure", "f8"),  # against the ordinary: 1 at the start
        ("pressed", "f8"),  # pressure times days since the last count of members
        ("deterrence", "f8"),  # what its pressure adds to an order, logit: it spares who obeys
        ("turmoil", "f8"),  # factor on gang violence where pressure falls on all alike
        ("backlash", "f8"),  # the same on attacks on the state
        ("grievance", "f8"),  # colleagues killed and not avenged
        ("struck", "i8"),  # colleagues killed this week
    ],
    align=True,
)


LEADERSHIP = np.dtype(
    [
        ("gang", "i8"),
        ("order", "i8"),  # 0 none, 1 pact made in prison, 2 own order
        ("reach", "f8"),  # probability that the order reaches a clique
        ("gain", "f8"),  # what the leaders gain by it, 0 to 1
        ("terms", "f8"),  # what speaks for obeying it, logit: sanction and inducement
        ("assurance", "f8"),  # restraint of the rivals that the guarantor assures, 0 to 1
        ("members", "i8"),  # at liberty
        ("held", "i8"),  # of these, members of cliques that held in the last week
        ("prisoners", "i8"),
        ("returning", "f8"),  # prisoners released in a year, for each member at liberty
        ("arrested", "i8"),  # since the last count of members
        ("released", "i8"),
    ],
    align=True,
)


FACILITATOR = np.dtype(
    [
        ("month", "i8"),  # of the last round of visits
        ("credit", "f8"),  # zones that the capacity so far allows and that were not yet used
        ("zones_brought", "i8"),  # zones signed by extension so far
    ],
    align=True,
)


RATES = np.dtype(
    [
        # Rates that make the levels at the start what the parameters say, for this run's map.
        # Two values: of a clique that does not obey an order, and of one that does.
        ("feud", "f8", (2,)),  # attacks per member and unit of contact, a day
        ("retaliate", "f8", (2,)),  # attacks in return for each one unavenged, a day
        ("others", "f8", (2,)),  # killings of others per member, a day
        ("defy", "f8", (2,)),  # attacks on security forces per member, a day
        ("spite", "f8", (2,)),  # attacks on the state for each member that it killed, a day
        ("clash", "f8"),  # killings by forces per member, a day
        ("fade", "f8"),  # part of a grievance that is left after a week
        ("reprisal", "f8"),  # killings by forces for each colleague killed, a day
    ],
    align=True,
)
