"""The same model as ordinary Mesa agents: what trucesim's speed is measured against.

This is the one permitted second text of the rules. It is written the way a competent user of Mesa
writes a model: one class a kind of agent, plain attributes, lists of objects, draws from the
model's own generators, phases run by ``AgentSet.do``. It imports no rule and no compiled helper, so
that it also checks them: ``tests/engine/test_baseline.py`` holds both lives' distributions
together.

What it shares with the compiled model is the algorithm, so that speed is compared and not a worse
idea of the model: rates are aggregated (one a clique and decision, never one a pair of rivals), a
week in which nothing happens to a clique costs one draw, and a target is drawn only when something
happens. Where plain Python is better served by another way than the compiled code's, that way is
taken: the decisions of one agent share one Poisson process, and neighbours, cliques by gang, and
factors that are common to all cliques of a place are kept rather than looked up.

What it does not do itself is draw the country at the start: :func:`draw_country` lets the engine
draw it and live no week, and :class:`PlainModel` copies its rows into plain attributes. So both
lives start from the same distribution, and the comparison is of how the weeks are lived.

>>> model = PlainModel(setting, draw_country(setting, seed=1, run=0), rng=1)  # doctest: +SKIP
>>> model.live(calendar.WEEKS)  # doctest: +SKIP
"""

from __future__ import annotations

import math
from types import SimpleNamespace

import mesa
import numpy as np
from numpy.typing import NDArray

from trucesim.agents import KINDS
from trucesim.engine.tables import Setting, State, new_output, new_scratch, new_state
from trucesim.engine.week import live
from trucesim.world import calendar

GANGS = 4
STATE = GANGS
BETWEEN_GANGS, GANGS_AGAINST_OTHERS, POLICE, SOLDIERS, BY_FORCES, BY_OTHERS = range(len(KINDS))

WEEKS_BETWEEN_COUNTS = 13
MOST_FOUNDED = 16
FORGOTTEN = 0.01
ORDERS = ("", "2010_09", "2012_03", "2014_08", "2015_01", "2015_11", "2016_03")
NOBODY = [0] * GANGS


def draw_country(setting: Setting, seed: int, run: int) -> State:
    """Draw one run's country: the engine's state before its first week."""
    places = len(setting.places.given)
    state = new_state(int(setting.p["cliques"][0]), places)
    scratch = new_scratch(setting, state)
    live(setting, seed, np.array([run]), run, state, scratch, new_output(1, 1, places), 0, 0)  # type: ignore[no-untyped-call]
    return state


def _plain(row: np.void) -> SimpleNamespace:
    """Copy a record into an object with plain attributes."""
    return SimpleNamespace(**{name: row[name].tolist() for name in row.dtype.names or ()})


class Clique(mesa.Agent):  # type: ignore[misc]
    """Obeys or not, attacks, learns; its members come and go."""

    def __init__(
        self,
        model: PlainModel,
        home: Municipality,
        gang: int,
        members: int,
        disposition: float,
        mood: float,
    ) -> None:
        super().__init__(model)
        self.home = home
        self.force = home.force
        self.gang = gang
        self.leadership = model.leaderships[gang]
        self.members = members
        self.founded_with = members
        self.disposition = disposition
        self.mood = mood
        self.trust = model.p.trust_of_recruits
        self.complies = False
        self.luck: float | None = None
        self.grudge = 0.0
        self.anger = 0.0
        self.grievance = [0.0] * GANGS
        self.funded = 0.0
        self.struck = 0
        self.struck_by = [0] * (GANGS + 1)
        home.cliques[gang].append(self)

    def decide(self) -> bool:
        """Weigh the order or the local pact that came through, if one did."""
        model, home, leadership = self.model, self.home, self.leadership
        p, now = model.p, model.now
        if self.luck is None:
            self.luck = model.random.random()
        ordered = leadership.order > 0 and self.luck < leadership.reach
        if not ordered and not (home.pact and self.luck < p.pact_grip):
            return False
        trust = self.trust
        if now.guarantor and trust < p.guarantor_floor:
            trust = p.guarantor_floor
        odds = (
            self.disposition
            + self.mood
            + p.trust_weight * (trust - 0.5)
            - p.local_gain * home.contact[self.gang]
            - p.grievance_weight * self.grudge
            + p.deterrence * now.conditionality * self.force.pressure
            + p.spreading * home.calm_nearby
        )
        if leadership.order > 0:
            odds += p.sanction + p.inducement * leadership.gain
        if home.pact:
            odds += p.zone_commitment + p.benefits * now.funds
        return bool(odds > 0.0)

    def act(self, day: int, days: int, learning: bool) -> None:
        """Learn and obey or not; then attack rivals, avenge, kill others, defy, for some days."""
        model, home, force, leadership = self.model, self.home, self.force, self.leadership
        p, rates = model.p, model.rates
        members = self.members
        if learning:
            self.trust += p.trust_speed * (home.record[self.gang] - self.trust)
        feud = rates.feud * members * home.contact[self.gang] * force.turmoil
        avenge = model.avenging * self.grudge
        kill = rates.others * members * force.turmoil
        defy = rates.defy * members * force.backlash
        self.complies = (leadership.order > 0 or home.pact) and self.decide()
        if not self.complies:
            feud *= leadership.unrest
            kill *= leadership.unrest
            defy *= leadership.unrest
            if leadership.pressing:
                kill *= 1.0 + p.spell_strength
                defy *= 1.0 + p.spell_strength
        defy += model.defying * self.anger
        if self.complies:
            leadership.holding_now += members
            home.holding[self.gang] += members
            feud *= p.breach_rivals
            avenge *= p.breach_rivals
            kill *= p.breach_others
            defy *= p.breach_forces
            if home.zone and model.now.funds:
                self.funded += days

        expected = days * (feud + avenge + kill + defy)
        u = model.random.random()
        # The first event comes after -log(1 - u), which is never less than u.
        if u >= expected:
            return
        waited = -math.log(1.0 - u)
        while waited < expected:
            when = day + int(waited / expected * days)
            decision = model.random.choices(range(4), (feud, avenge, kill, defy))[0]
            if decision == 0:
                self.attack(when, avenging=False)
            elif decision == 1:
                self.attack(when, avenging=True)
            elif decision == 2:
                model.note_killing(self.leadership, GANGS_AGAINST_OTHERS, home, when)
            else:
                self.attack_force(when)
            waited += model.random.expovariate(1.0)

    def attack(self, day: int, avenging: bool) -> None:
        """Kill a member of a rival clique within reach, if there is one."""
        groups: list[list[Clique]] = []
        weights: list[float] = []
        for place, nearness in self.home.within_reach:
            for gang in range(GANGS):
                if gang == self.gang:
                    continue
                weight = nearness * place.members[gang]
                if avenging:
                    weight *= self.grievance[gang]
                if weight > 0.0:
                    groups.append(place.cliques[gang])
                    weights.append(weight)
        if not groups:
            return
        group = self.model.random.choices(groups, weights)[0]
        victim = self.model.random.choices(group, [each.members for each in group])[0]
        raided = victim.home
        if raided is not self.home and raided.pact:
            if self.model.random.random() < self.model.p.pact_shield:
                return  # called off
        victim.struck += 1
        victim.struck_by[self.gang] += 1
        self.model.note_killing(self.leadership, BETWEEN_GANGS, victim.home, day)

    def attack_force(self, day: int) -> None:
        """Kill a police officer, or a soldier where soldiers are."""
        force = self.force
        force.struck += 1
        soldiers = force.soldiers / (force.police + force.soldiers)
        kind = SOLDIERS if self.model.random.random() < soldiers else POLICE
        self.model.note_homicide(kind, self.home, day)

    def turn_over(self, days: int) -> None:
        """Members who left since the last count go, those who joined come."""
        model, leadership, members = self.model, self.leadership, self.members
        p = model.p
        arrested = p.arrest_rate * self.force.pressed
        share = p.turnover * days + arrested + p.reintegration_rate * self.funded
        leaving = share * members / 365.25
        left = min(int(model.rng.poisson(leaving)), members)
        yearly = (p.turnover + leadership.returning) * members
        yearly += p.recruitment * (self.founded_with - members)
        joining = max(yearly * days / 365.25, 0.0)
        joined = int(model.rng.poisson(joining))
        if left > 0:
            leadership.arrested += left * arrested * members / 365.25 / leaving
        if joined > 0:
            leadership.released += joined * leadership.returning * members * days / 365.25 / joining
        self.funded = 0.0
        self.mood = model.draw_mood()
        if left > 0 or joined > 0:
            self.members += joined - left
            if joined > 0:
                new = min(joined / self.members, 1.0)
                self.trust += new * (p.trust_of_recruits - self.trust)
            self.persist()

    def end_week(self) -> None:
        """Let grudges fade, bury the dead, be counted."""
        model = self.model
        self.luck = None
        if self.struck or self.grudge or self.anger:
            fade = model.rates.fade
            self.members -= self.struck
            anger = fade * self.anger
            self.anger = (anger if anger > FORGOTTEN else 0.0) + self.struck_by[STATE]
            for gang in range(GANGS):
                grievance = fade * self.grievance[gang]
                if grievance <= FORGOTTEN:
                    grievance = 0.0
                self.grievance[gang] = grievance + self.struck_by[gang]
            self.grudge = sum(self.grievance)
            if self.struck:
                self.struck = 0
                self.struck_by = [0] * (GANGS + 1)
                self.persist()
                if self.members == 0:
                    return
        self.count_in()

    def count_in(self) -> None:
        """Be counted, where it lives and by its gang's leaders."""
        members, leadership, home = self.members, self.leadership, self.home
        home.members[self.gang] += members
        leadership.members += members
        if self.complies:
            home.holding[self.gang] += members
            leadership.held += members

    def persist(self) -> None:
        """Dissolve when too few are left."""
        if self.members < self.model.p.dissolution_size:
            self.members = 0
            self.home.cliques[self.gang].remove(self)
            self.remove()


class Force(mesa.Agent):  # type: ignore[misc]
    """A municipality's security force."""

    def __init__(self, model: PlainModel, row: SimpleNamespace) -> None:
        super().__init__(model)
        self.police: float = row.police
        self.soldier_share: float = row.soldier_share
        self.ordinary: float = row.ordinary
        self.soldiers: float = row.soldiers
        self.pressure = 1.0
        self.pressed = 0.0
        self.excess = 0.0
        self.deadliness = 1.0
        self.sparing = 0.0
        self.turmoil = 1.0
        self.backlash = 1.0
        self.grievance = 0.0
        self.struck = 0
        self.home: Municipality

    def deploy(self, day: int) -> None:
        """Take up posture: who patrols here, and how hard they press."""
        p, now, left = self.model.p, self.model.now, self.home.army_leaves_day
        self.soldiers = 0.0 if 0 <= left <= day else now.soldiers * self.soldier_share
        self.pressure = 0.0
        if self.ordinary > 0.0:
            self.pressure = now.repression * (self.police + self.soldiers) / self.ordinary
        self.excess = max(self.pressure * (1.0 - now.conditionality) - 1.0, 0.0)
        # What unconditional pressure does to all cliques here.
        self.turmoil = (1.0 + p.turmoil * self.excess) * self.home.temper
        self.backlash = 1.0 + p.backlash * self.excess
        self.deadliness = self.pressure * (1.0 + p.lethality * now.licence)
        self.sparing = now.conditionality + (1.0 - now.conditionality) * p.yielding

    def mourn(self) -> None:
        """End the week: let old anger fade and note the colleagues killed."""
        self.grievance = self.model.rates.fade * self.grievance + self.struck
        self.struck = 0


class Municipality(mesa.Agent):  # type: ignore[misc]
    """A place: it surveys who is near, signs, and suffers homicides of its own."""

    def __init__(self, model: PlainModel, row: int, values: SimpleNamespace, force: Force) -> None:
        super().__init__(model)
        self.row = row
        self.force = force
        force.home = self
        self.violence: float = values.violence
        self.others_rate: float = values.others_rate
        self.department: int = values.department
        self.drift = 0.0
        self.drift_variance = 0.0
        self.temper = 1.0
        self.zone = False
        self.pact = False
        self.zone_day: int = values.zone_day
        self.army_leaves_day: int = values.army_leaves_day
        self.cliques: list[list[Clique]] = [[] for _ in range(GANGS)]
        self.neighbours: list[Municipality] = []
        self.within_reach: list[tuple[Municipality, float]] = []
        self.members = [0] * GANGS
        self.holding = [0] * GANGS
        self.contact = [0.0] * GANGS
        self.record = [1.0] * GANGS
        self.calm_nearby = 0.0

    def survey(self) -> None:
        """See who is near, and which of them held to the order in the last week."""
        beside, holding_beside = NOBODY, NOBODY
        if self.neighbours:
            members = [each.members for each in self.neighbours]
            holding = [each.holding for each in self.neighbours]
            beside = [sum(gang) for gang in zip(*members, strict=True)]
            holding_beside = [sum(gang) for gang in zip(*holding, strict=True)]
        weight = self.model.p.neighbour_weight
        reach = [here + weight * near for here, near in zip(self.members, beside, strict=True)]
        held = [
            here + weight * near for here, near in zip(self.holding, holding_beside, strict=True)
        ]
        everybody, all_held = sum(reach), sum(held)
        for gang in range(GANGS):
            rivals = everybody - reach[gang]
            if rivals > 0.5:
                self.contact[gang] = rivals / everybody
                self.record[gang] = max(all_held - held[gang], 0.0) / rivals
            else:
                self.contact[gang] = 0.0
                self.record[gang] = 1.0
        all_beside = sum(beside)
        self.calm_nearby = sum(holding_beside) / all_beside if all_beside else 0.0

    def reconsider(self, moved: list[float] | None) -> None:
        """See where violence has moved, by department, and whether the local pact holds."""
        p, now = self.model.p, self.model.now
        if moved is not None:
            kept = math.exp(-0.05)
            new = p.drift_spread**2 * (1.0 - kept * kept)
            self.drift = kept * self.drift + math.sqrt(new) * moved[self.department]
            self.drift_variance = kept * kept * self.drift_variance + new
            self.temper = math.exp(self.drift - self.drift_variance / 2.0)
        if self.pact:
            sustained = 1.0 + p.benefits * now.funds + p.patience * now.guarantor
            hazard = p.pact_break * (1.0 + self.force.excess) / sustained
            self.pact = self.model.random.random() < math.exp(-hazard)

    def take_posture(self, day: int) -> None:
        """Sign on the declared day; the force deploys."""
        if 0 <= self.zone_day <= day and not self.zone:
            self.zone = self.pact = True
        self.force.deploy(day)

    def act(self, day: int, days: int) -> None:
        """Let the force clash with gangs, and people outside the gangs kill, for some days."""
        model, force = self.model, self.force
        force.pressed += days * force.pressure
        targeted = sum(self.members) - force.sparing * sum(self.holding)
        clash = 0.0
        if targeted > 0.0:
            clash = model.rates.clash * force.deadliness * targeted
            clash += model.reprising * force.grievance
        expected = days * (clash + self.others_rate)
        u = model.random.random()
        if u >= expected:
            return
        waited = -math.log(1.0 - u)
        while waited < expected:
            when = day + int(waited / expected * days)
            if model.random.random() * (clash + self.others_rate) < clash:
                self.clash(when)
            else:
                model.note_homicide(BY_OTHERS, self, when)
            waited += model.random.expovariate(1.0)

    def clash(self, day: int) -> None:
        """Let the force kill a gang member, sparing those who hold as far as it spares them."""
        spared = self.force.sparing
        cliques = [clique for group in self.cliques for clique in group]
        weights = [
            clique.members * (1.0 - spared) if clique.complies else clique.members
            for clique in cliques
        ]
        if not any(weights):
            return
        victim = self.model.random.choices(cliques, weights)[0]
        victim.struck += 1
        victim.struck_by[STATE] += 1
        self.model.note_homicide(BY_FORCES, self, day)

    def found(self, days: int) -> None:
        """Grow new cliques where gang members are."""
        model = self.model
        p = model.p
        expected = days * p.founding_rate * sum(self.members) / 1000.0 / 365.25
        for _ in range(min(int(model.rng.poisson(expected)), MOST_FOUNDED)):
            gang = model.random.choices(range(GANGS), self.members)[0]
            disposition = model.random.gauss(0.0, p.disposition_spread)
            Clique(model, self, gang, int(p.clique_minimum), disposition, model.draw_mood())
            model.founded += 1


class Leadership(mesa.Agent):  # type: ignore[misc]
    """A gang's leaders."""

    def __init__(self, model: PlainModel, gang: int, prisoners: int) -> None:
        super().__init__(model)
        self.gang = gang
        self.prisoners = prisoners
        self.order = 0
        self.ordered: float | None = None
        self.unasked = False
        self.strength = 0.0
        self.wear = 0.0
        self.kept = 0.0
        self.pressing = False
        self.climate = 0.0
        self.unrest = 1.0
        self.reach = 0.0
        self.gain = 0.0
        self.members = 0
        self.held = 0
        self.holding_now = 0
        self.returning = 0.0
        self.arrested = 0.0
        self.released = 0.0

    def open_part(self) -> float:
        """Give how far the channel to the cliques is open: sealed, cut, barred, or open."""
        left = self.model.p.channel_left
        return float((0.0, left**2, left, 1.0)[int(self.model.now.channel[self.gang])])

    def reconsider(self, shock: float, luck: float) -> None:
        """Let climate and order drift; press the state, or order to hold fire unasked.

        The climate's ``shock`` and the ``luck`` of unasked orders are all gangs' own together.
        """
        p, now, random = self.model.p, self.model.now, self.model.random.random
        kept = math.exp(-p.climate_return)
        self.climate = kept * self.climate + p.climate_spread * math.sqrt(1 - kept**2) * shock
        if self.order:
            lost = (1.0 - self.kept) / (1.0 + p.patience * now.guarantor)
            balance = self.kept / (lost + self.kept)
            left = math.exp(-self.wear * (lost + self.kept))
            self.strength = balance + (self.strength - balance) * left
        refused = max(now.repression * (1.0 - now.conditionality) - 1.0, 0.0)
        refused += p.refusal_hostile * (now.minister == 0.0)
        refused *= 1.0 - p.heard * max(self.open_part(), now.guarantor)
        if self.pressing:
            self.pressing = random() < math.exp(-1.0 / p.spell_weeks)
        else:
            free = 1.0 - self.strength if self.order else 1.0
            self.pressing = random() >= math.exp(-p.spell_onset * refused * free)
        if self.order:
            refused *= 1.0 - self.strength
        if not now.answers and luck >= math.exp(-p.unasked_orders / 52.18 * refused):
            self.order, self.unasked, self.pressing = 2, True, False
            self.begin(self.model.persistence)

    def begin(self, persistence: float) -> None:
        """Let a new order begin, which is as lasting among orders as is said."""
        p = self.model.p
        odds = persistence / (1.0 - persistence)
        self.strength = 1.0
        self.wear = p.wearing * odds ** (-p.order_spread * math.sqrt(3.0) / math.pi)

    def command(self) -> None:
        """Give the order in force, and see how far it reaches and what it gains."""
        p, now, gang = self.model.p, self.model.now, self.gang
        self.holding_now = 0
        if now.ordered[gang] != self.ordered:
            self.ordered, self.unasked = now.ordered[gang], False
            named = ORDERS[int(now.order_of[gang])]
            self.begin(getattr(p, f"persistence_{named}") if named else self.model.persistence)
            self.pressing = now.order[gang] == 3
        if not self.unasked:
            self.order = int(now.order[gang]) % 3
        self.gain = self.kept = 0.0
        if self.order == 2:
            self.reach = p.reach_street
        else:
            self.reach = p.reach_sealed + self.open_part() * (p.reach_open - p.reach_sealed)
            self.gain = now.minister / 4.0 + now.privileges / 2.0
            self.kept = p.cliques_part * now.funds + (1.0 - p.cliques_part) * self.gain
        if gang > 0:
            self.reach *= p.cohesion_18
        self.reach *= self.strength
        self.unrest = math.exp(self.climate - p.climate_spread**2 / 2.0)
        self.returning = p.release_rate * self.prisoners / self.members if self.members else 0.0

    def keep_count(self) -> None:
        """Count the members who went to prison and came back."""
        random = self.model.random.random
        self.prisoners += int(self.arrested + random()) - int(self.released + random())
        self.prisoners = max(self.prisoners, 0)
        self.arrested = 0.0
        self.released = 0.0


class Facilitator(mesa.Agent):  # type: ignore[misc]
    """Brings further municipalities to sign."""

    def __init__(self, model: PlainModel) -> None:
        super().__init__(model)
        self.month = -1
        self.credit = 0.0

    def make_round(self, day: int, month: int) -> None:
        """Once a month, visit as many municipalities as capacity allows."""
        if month == self.month:
            return
        model = self.model
        now, p = model.now, model.p
        self.month = month
        self.credit += now.extension_capacity
        visits = int(self.credit)
        self.credit -= visits
        if visits == 0 or not any(each.order for each in model.leaderships):
            return
        candidates = [each for each in model.places if not each.zone and any(each.members)]
        if now.extension_choice == 0.0:
            candidates = [each for each in candidates if any(n.zone for n in each.neighbours)]
        model.random.shuffle(candidates)
        if now.extension_choice == 1.0:
            candidates.sort(key=lambda each: each.violence, reverse=True)
        for place in candidates[:visits]:
            place.zone_day = day
            place.army_leaves_day = -1
            if p.army_leaves_later_zones:
                place.army_leaves_day = day + int(p.army_leaves_after)
                model.change_days.add(place.army_leaves_day)


class PlainModel(mesa.Model):  # type: ignore[misc]
    """The model; one step is one week.

    Parameters
    ----------
    setting : Setting
        What a run is given.
    country : State
        What :func:`draw_country` drew.
    rng : int
        Seed of the model's generators.

    Attributes
    ----------
    by_kind, hidden : list of list of int
        Recorded homicides and those not recorded, by month and kind.
    recorded, zones : list of list
        Recorded homicides, and whether it is a zone at the month's end, by month and municipality.
    daily : list of int
        Recorded homicides by day.
    compliance, member_days : list of list of int
        Member-days that held to an order, and in all, by month and gang.
    in_prison : list of list of int
        Members in prison at the month's end, by month and gang.
    missing : list of int
        Missing-person reports by month.
    """

    def __init__(self, setting: Setting, country: State, rng: int) -> None:
        super().__init__(rng=rng)
        self.p = _plain(setting.p[0])
        self.rates = _plain(country.rates[0])
        # Of the engine's pairs of rates, the full ones; what a breach of the order is, is above.
        for name in ("feud", "others", "defy"):
            setattr(self.rates, name, getattr(self.rates, name)[0])
        # Branching processes: what one killing leads to, a day, while its memory fades.
        fading = (1.0 - self.rates.fade) / 7.0
        self.avenging = self.p.branching * fading
        self.defying = self.p.defiance * fading
        self.reprising = self.p.reprisal * fading

        self.month_of_day: list[int] = setting.month_of_day.tolist()
        conditions = [_plain(row) for row in setting.timeline]
        self.conditions = [conditions[row] for row in setting.stretch_of_day.tolist()]
        self.now = self.conditions[0]

        self.leaderships = [
            Leadership(self, gang, int(row["prisoners"]))
            for gang, row in enumerate(country.leaderships)
        ]
        self.facilitator = Facilitator(self)
        self.places = [
            Municipality(self, row, _plain(place), Force(self, _plain(force)))
            for row, (place, force) in enumerate(
                zip(country.municipalities, country.forces, strict=True)
            )
        ]
        start, neighbour = setting.places.neighbour_start, setting.places.neighbour
        for m, place in enumerate(self.places):
            place.neighbours = [self.places[n] for n in neighbour[start[m] : start[m + 1]]]
            beside = [(each, self.p.neighbour_weight) for each in place.neighbours]
            place.within_reach = [(place, 1.0), *beside]
        for row in country.cliques[: country.clique_count[0]]:
            clique = _plain(row)
            home = self.places[clique.place]
            new = Clique(self, home, clique.gang, clique.members, clique.disposition, clique.mood)
            # Feuds are old: cliques start with grievances.
            new.trust, new.grievance, new.grudge = clique.trust, clique.grievance, clique.grudge
            new.anger = clique.anger
        self.founded = 0
        self.departments = 1 + max(place.department for place in self.places)
        self.persistence = 0.5

        self.change_days = {condition.first_day for condition in conditions}
        for place in self.places:
            self.change_days |= {place.zone_day, place.army_leaves_day}

        months = self.month_of_day[-1] + 1
        self.by_kind = [[0] * len(KINDS) for _ in range(months)]
        self.hidden = [[0] * len(KINDS) for _ in range(months)]
        self.recorded = [[0] * len(self.places) for _ in range(months)]
        self.daily = [0] * len(self.month_of_day)
        self.compliance = [[0] * GANGS for _ in range(months)]
        self.member_days = [[0] * GANGS for _ in range(months)]
        self.zones = [[False] * len(self.places) for _ in range(months)]
        self.in_prison = [[0] * GANGS for _ in range(months)]
        self.missing = [0] * months
        self.count_members()

    def live(self, last_week: int = calendar.WEEKS) -> None:
        """Live the weeks from where the model stands up to, not including, ``last_week``."""
        while self.steps < last_week:
            self.step()

    def step(self) -> None:
        """Live one week, in the engine's phases."""
        week = self.steps - 1
        cliques = self.agents_by_type[Clique]
        places = self.agents_by_type[Municipality]
        leaderships = self.agents_by_type[Leadership]
        day = 7 * week
        end = min(day + 7, len(self.month_of_day))
        self.now = self.conditions[day]
        places.do("survey")
        self.facilitator.make_round(day, self.month_of_day[day])
        counting = week % WEEKS_BETWEEN_COUNTS == WEEKS_BETWEEN_COUNTS - 1
        self.persistence = self.random.random()
        leaderships.do("reconsider", self.draw_shock(), self.random.random())
        moved = [self.draw_shock() for _ in range(self.departments)] if counting else None
        places.do("reconsider", moved)
        while day < end:
            until = day + 1
            while until < end and until not in self.change_days:
                until += 1
            self.now = self.conditions[day]
            places.do("take_posture", day)
            leaderships.do("command")
            for place in self.places:
                place.holding = [0] * GANGS
            learning = day == 7 * week and any(each.order for each in self.leaderships)
            cliques.do("act", day, until - day, learning)
            places.do("act", day, until - day)
            self.note_compliance(day, until)
            day = until
        days = 7 * WEEKS_BETWEEN_COUNTS
        if counting:
            cliques.do("turn_over", days)
            leaderships.do("keep_count")
            for place in self.places:
                place.force.pressed = 0.0
        self.clear_counts()
        cliques.do("end_week")
        self.agents_by_type[Force].do("mourn")
        if counting:
            before = self.founded
            places.do("found", days)
            if self.founded > before:
                self.count_members()
        self.note_month(7 * week, end)

    def draw_shock(self) -> float:
        """Draw from a logistic distribution of variance 1."""
        return self.draw_mood() * math.sqrt(3.0) / math.pi

    def draw_mood(self) -> float:
        """Draw from the standard logistic distribution: the noise of a logit choice."""
        u = self.random.random()
        return math.log((u + 2.0**-54) / (1.0 - u))

    def clear_counts(self) -> None:
        """Set the counts of members back to nought."""
        for place in self.places:
            place.members = [0] * GANGS
            place.holding = [0] * GANGS
        for leadership in self.leaderships:
            leadership.members = 0
            leadership.held = 0

    def count_members(self) -> None:
        """Count all members anew."""
        self.clear_counts()
        self.agents_by_type[Clique].do("count_in")

    def note_killing(
        self, leadership: Leadership, kind: int, place: Municipality, day: int
    ) -> None:
        """Record a gang's killing, or hide it; a hidden one may be reported as a missing person."""
        if leadership.order > 0 and leadership.members > 0:
            hiding = self.p.hiding * leadership.held / leadership.members
            if self.random.random() < hiding:
                month = self.month_of_day[day]
                self.hidden[month][kind] += 1
                if self.random.random() < self.p.missing_reporting:
                    self.missing[month] += 1
                return
        self.note_homicide(kind, place, day)

    def note_homicide(self, kind: int, place: Municipality, day: int) -> None:
        """Enter a homicide into the record."""
        month = self.month_of_day[day]
        self.by_kind[month][kind] += 1
        if kind != BY_FORCES or self.p.forces_in_record:
            self.recorded[month][place.row] += 1
            self.daily[day] += 1

    def note_compliance(self, day: int, until: int) -> None:
        """Note for how many members, and for how many days, an order was held to."""
        for each in range(day, until):
            month = self.month_of_day[each]
            for leadership in self.leaderships:
                self.compliance[month][leadership.gang] += leadership.holding_now
                self.member_days[month][leadership.gang] += leadership.members

    def note_month(self, day: int, end: int) -> None:
        """Note ordinary missing-person reports, zones and prisoners; a month's last week stands."""
        reports = self.rng.poisson(self.p.missing_base, end - day)
        for each, count in zip(range(day, end), reports.tolist(), strict=True):
            self.missing[self.month_of_day[each]] += count
        month = self.month_of_day[end - 1]
        self.zones[month] = [place.zone for place in self.places]
        self.in_prison[month] = [leadership.prisoners for leadership in self.leaderships]

    def table(self, name: str) -> NDArray[np.float64]:
        """Give one of the tables above as an array, shape (month, ...) or (day,)."""
        return np.array(getattr(self, name), np.float64)
