"""What is assumed, in plain words: each uncertain parameter as people would ask after it."""

from __future__ import annotations

from trucesim.locale.catalogue import catalogue
from trucesim.locale.gangs import called
from trucesim.parameters import PARAMETERS

TEXT = catalogue(
    {
        "assumed.members_at_liberty": "how many gang members were at liberty at the start",
        "assumed.ms13_share": "what part of the cliques are {of_ms13}",
        "assumed.surenos_share": "what part of {of_barrio18} cliques follow {the_surenos}",
        "assumed.other_gangs_share": "what part of the cliques belong to minor gangs",
        "assumed.territoriality": "how far each gang keeps to municipalities of its own",
        "assumed.placement_population": "how closely cliques follow population",
        "assumed.placement_violence": "how closely cliques follow violence",
        "assumed.placement_patchiness": "how unevenly cliques are spread over municipalities",
        "assumed.proxy_2015": "how far the violence of 2015 tells where cliques were",
        "assumed.others_violence": "how closely homicides by others follow gang violence",
        "assumed.homicide_level": "how many are killed a day without a truce",
        "assumed.gang_share": "what part of the homicides gangs commit",
        "assumed.rival_share": "what part of those whom gangs kill are rivals",
        "assumed.police_killed_level": "how many police and soldiers gangs killed at the start",
        "assumed.clash_level": "how many gang members the forces killed at the start",
        "assumed.neighbour_weight": "how far attacks reach into neighbouring municipalities",
        "assumed.branching": "how often a killing brings another in retaliation",
        "assumed.retaliation_half_life": "how long an attack is remembered",
        "assumed.breach_rivals": "how often cliques that obey attack rivals all the same",
        "assumed.breach_others": "how often cliques that obey kill people outside the gangs all "
        "the same",
        "assumed.breach_forces": "how often cliques that obey attack security forces all the same",
        "assumed.reach_open": "how many cliques an order reaches from ordinary prisons",
        "assumed.reach_sealed": "how many cliques an order reaches while the leaders are isolated",
        "assumed.reach_street": "how many cliques leaders at liberty reach with an order of theirs",
        "assumed.channel_left": "how far leaders are still heard when the state narrows their "
        "channel",
        "assumed.cohesion_18": "how far orders carry within {barrio18}",
        "assumed.sanction": "how much the leaders' punishment weighs with cliques",
        "assumed.inducement": "how much it weighs what the leaders gain",
        "assumed.trust_weight": "how much trust in the rivals weighs",
        "assumed.local_gain": "how much a clique gains by attacking rivals nearby",
        "assumed.grievance_weight": "how much unavenged attacks weigh against obeying",
        "assumed.disposition_spread": "how far cliques differ in their will to obey",
        "assumed.trust_speed": "how fast cliques learn whether rivals hold back",
        "assumed.trust_of_recruits": "how much newcomers trust the rivals",
        "assumed.guarantor_floor": "how much trust a guarantor secures",
        "assumed.zone_commitment": "how much it weighs with cliques that their municipality signed",
        "assumed.benefits": "how much funds weigh with the cliques that receive them",
        "assumed.deterrence": "how much it weighs that the police spare those who obey",
        "assumed.wearing": "how fast an order wears off while promises are not kept",
        "assumed.order_spread": "how far orders differ in how long they last",
        "assumed.persistence_2010_09": "how long the order of September 2010 lasts beside others",
        "assumed.persistence_2012_03": "how long the order of March 2012 lasts beside others",
        "assumed.persistence_2014_08": "how long the order of August 2014 lasts beside others",
        "assumed.persistence_2015_01": "how long the order of January 2015 lasts beside others",
        "assumed.persistence_2015_11": "how long the order of November 2015 lasts beside others",
        "assumed.persistence_2016_03": "how long the order of March 2016 lasts beside others",
        "assumed.patience": "how much longer a promise is waited for if a guarantor vouches for it",
        "assumed.cliques_part": "what part of the promises is for the cliques, not the leaders",
        "assumed.spell_onset": "how soon gangs whose leaders are refused press by killing",
        "assumed.spell_weeks": "how long gangs press by killing",
        "assumed.spell_strength": "how many more are killed while gangs press",
        "assumed.refusal_hostile": "how far leaders see themselves refused by a hostile minister",
        "assumed.heard": "how much less leaders press when they are heard",
        "assumed.unasked_orders": "how often gangs order to hold fire unasked",
        "assumed.climate_spread": "how far gang violence rises and falls in the whole country",
        "assumed.climate_return": "how fast such rises and falls of gang violence pass",
        "assumed.drift_spread": "how far violence moves between departments",
        "assumed.pact_grip": "how many of the cliques there a local pact reaches",
        "assumed.pact_break": "how soon a local pact breaks without funds and mediators",
        "assumed.pact_shield": "how many attacks from elsewhere a local pact keeps off",
        "assumed.turnover": "how many members leave and are replaced each year",
        "assumed.backlash": "how far attacks on the state rise under repression",
        "assumed.turmoil": "how far other gang violence rises under repression",
        "assumed.defiance": "how often gangs attack the state for a member it killed",
        "assumed.reprisal": "how often the forces kill gang members for a colleague killed",
        "assumed.lethality": "how far deaths in encounters rise when the state calls to shoot",
        "assumed.yielding": "how many deadly encounters those who hold to an order avoid",
        "assumed.hiding": "how many killings gangs hide during a truce",
        "assumed.missing_base": "how many are reported missing for other reasons",
        "assumed.missing_reporting": "how many hidden victims are reported missing",
    }
)


def assumed(name: str) -> str:
    """Say what a parameter assumes, as the end of a sentence: "It hangs on ...".

    Parameters
    ----------
    name : str
        Of a parameter; one without such words is called by its label.
    """
    key = f"assumed.{name}"
    return called(TEXT[key]) if key in TEXT else f"“{PARAMETERS[name].label()}”"
