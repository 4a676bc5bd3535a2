"""Every word of the page and of the report.

Labels and explanations of parameters are declared with them (:mod:`trucesim.parameters`), stories
of scenarios in their files; all else stands here, by key, and is said with `say`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self

from trucesim.files.errors import InputError, Message
from trucesim.locale.catalogue import LANGUAGES, catalogue, speaking, spoken, told, translated
from trucesim.locale.gangs import FIELDS, called
from trucesim.locale.language import date, number, short

TEXT = catalogue(
    {
        # What runs are made of.
        "history.record": "From the world as it was: {n} simulated histories that follow the "
        "record's months, each of them changed on the day of the change only.",
        "history.chance": "From chance: worlds as they might have been, which do not follow the "
        "record.",
        "history.country": "The histories that follow a record are El Salvador's, not those of "
        "{country}.",
        "history.rules": "The model's rules or data are not those that the histories which follow "
        "the record were found with ('trucesim follow' finds them anew).",
        "history.parameters": "{title} changes {names} in all years, so no history that follows "
        "the record fits it.",
        "history.first-day": "{title} differs from what happened on the first day, so no history "
        "that follows the record fits it.",
        # Think first.
        "guess.title": "Think first",
        "guess.case": "Case B: {title}. How many homicides a month do you expect from March "
        "2012 on?",
        "guess.story_head": "What happens in case B",
        "guess.alt": "A chart of homicides a month. Up to February 2012 it shows the record; "
        "the months after that are empty, to be drawn with the mouse or a finger. The fields "
        "below do the same by keyboard.",
        "guess.years": "Draw a line on the chart, or write homicides a month:",
        "guess.number": "Write a whole number from 0 to {most}.",
        "guess.empty": "Draw a line or write a number first.",
        "guess.full": "There are {most} guesses already; more do not fit on the page.",
        "guess.add": "Enter this guess",
        "guess.clear": "Clear",
        "guess.show": "Show the answer",
        "guess.hide": "Hide the answers first",
        "guess.again": "Start again",
        "guess.count.0": "No guess yet.",
        "guess.count.1": "One guess.",
        "guess.count.2": "{n} guesses.",
        "guess.kept": "Guesses carry no names. They stand on this page alone and are gone when it "
        "is closed.",
        "guess.sentence.1": "{span}: you said {guess} homicides a month. The model says {model} "
        "(90% of runs: {low} to {high}). The record: {record}.",
        "guess.sentence.2": "{span}: half of you said {guess} homicides a month or fewer. The "
        "model says {model} (90% of runs: {low} to {high}). The record: {record}.",
        "guess.record_same": "Case B follows the dated record, so that all three speak of the "
        "same events.",
        "guess.record_other": "Case B is a counterfactual: the record shows what happened in "
        "another case, the one that came about.",
        "guess.months": "Months",
        "guess.guesses": "Your guesses (grey lines above)",
        "guess.model": "The model, case B",
        "guess.record": "The record",
        "guess.table": "The same as a table",
        "guess.sentence.0": "Nobody guessed half a year or more: draw a longer line.",
        "tab.guess": "Think first",
        "tab.watch": "Watch one run",
        # Watching one run.
        "watch.title": "Watch one run",
        "watch.label": "Invented.",
        "watch.invented": "One run of two hundred, week by week. Each mark is a clique, placed "
        "at random within its municipality: no mark says where a clique is or was.",
        "watch.invented_hidden": "One run of two hundred, week by week. Single cliques are not "
        "shown here; in the model they are placed at random.",
        "watch.invented.elsewhere": "One run of two hundred, week by week. Each mark is a clique, "
        "placed at random within its part of the country: no mark says where a clique is or was.",
        "watch.alt.elsewhere": "A map of the country. Choose a place from the list to read its "
        "gangs, its security force, and why cliques decided as they did.",
        "watch.choose.elsewhere": "Choose a place",
        "watch.place.elsewhere": "Place (or click the map)",
        "watch.hint.elsewhere": "Choose a place to see its gangs, its security force, and why "
        "cliques decided as they did.",
        "watch.alt": "A map of the municipalities. Choose one from the list to read its gangs, "
        "its security force, and why cliques decided as they did.",
        "watch.starting": "Preparing the run …",
        "watch.ready": "Press play",
        "watch.play": "Play",
        "watch.pause": "Pause",
        "watch.step": "One week",
        "watch.again": "From the start",
        "watch.other": "Run {run} of {of}: another",
        "watch.other_help": "Another run of the same case: other chance, other parameters.",
        "watch.per_second": "{n} weeks a second",
        "watch.case": "Case",
        "watch.from": "From",
        "watch.speed": "Speed",
        "watch.marks": "Filled: the clique holds to the order. Hollow: it does not, or no order "
        "is in force. Larger: more members.",
        "watch.shades": "Share of gang members whose clique holds to the order",
        "watch.gang": "Gang",
        "watch.cliques": "Cliques",
        "watch.hold": "Members whose clique holds",
        "watch.members": "Members",
        "watch.holding": "of these, holding",
        "watch.weeks": "Recorded homicides a week in this run",
        "watch.choose": "Choose a municipality",
        "watch.place": "Municipality (or click the map)",
        "watch.hint": "Choose a municipality to see its gangs, its security force, and why "
        "cliques decided as they did.",
        "watch.force": "Security force",
        "watch.force_told": "{police} police, {soldiers} soldiers",
        "watch.pressure": "Pressure",
        "watch.pressure_told": "{times} times that of the start",
        "watch.zone": "Violence-free zone",
        "watch.zone.yes": "yes",
        "watch.zone.no": "no",
        "watch.none": "No gang here in this run.",
        "watch.single_hidden": "Single cliques and their reasons are hidden in workshop mode.",
        "watch.no_order": "No order to hold fire is in force: there is nothing to decide.",
        "watch.first_week": "Let one week pass to see reasons.",
        "watch.new": "Founded this week: it has not decided yet.",
        "watch.why": "Why cliques decided so",
        "watch.why_note": "To the right: what speaks for holding to the order; to the left: "
        "what speaks against it (log odds, from the rule itself).",
        "watch.clique": "Clique {n}",
        "watch.n_members": "{n} members",
        "watch.holds": "holds",
        "watch.holds_not": "does not hold",
        "watch.more": "Show more ({n})",
        "watch.reached": "The order reached it.",
        "watch.reached_not": "The order did not reach it.",
        "watch.agreed": "The local pact reached it.",
        "watch.together": "Together",
        "watch.sum.for": "More speaks for it than against it: it holds.",
        "watch.sum.against": "More speaks against it than for it: it does not hold.",
        "watch.sum.unreached": "Whatever speaks for it: without the order it does not hold.",
        "watch.full": "{most} runs are being watched already on this computer. Wait until one "
        "of them pauses.",
        "watch.failed": "The run stopped with an error ({detail}). Press play to begin again.",
        "watch.name.ms13": "MS-13",
        "watch.name.surenos": "Barrio 18 Sureños",
        "watch.name.revolucionarios": "Barrio 18 Revolucionarios",
        "watch.name.other_gangs": "Other gangs",
        "watch.letter.ms13": "Gang A",
        "watch.letter.surenos": "Gang B",
        "watch.letter.revolucionarios": "Gang C",
        "watch.letter.other_gangs": "Other gangs",
        "watch.term.disposition": "Its lasting inclination",
        "watch.term.mood": "Its passing mood",
        "watch.term.leaders": "What the leaders threaten and offer",
        "watch.term.municipality": "Local pact and benefits",
        "watch.term.deterrence": "Police pressure that spares who holds",
        "watch.term.trust": "Trust that rivals hold too, or the guarantor's word",
        "watch.term.local_gain": "Gain from attacking rivals nearby",
        "watch.term.grievance": "Unavenged dead",
        # Words that many places use.
        "yes": "yes",
        "no": "no",
        "without": "without it",
        "event": "Event",
        "zones": "Violence-free zones",
        "zones.none_of_these": "none of these",
        "source": "Source: {source}.",
        "source.counts": "counts of the police, the press and researchers",
        "source.evidence": "the evidence",
        "source.timeline": "press and official documents",
        "source.orders": "the gangs' documented orders",
        "source.days": "homicides by day",
        "source.of_2010": "where gangs were in 2010",
        "source.later": "where gangs were later",
        "source.forces": "estimates of gangs and forces",
        "source.periods": "homicides by year",
        "source.by_city": "known gang members by city",
        "source.fitted": "fitted to: {pattern}",
        "rest.extension": "no extension",
        "rest.repression": "as in ordinary times",
        "rest.conditionality": "those who obey are not spared",
        "rest.licence": "no call to shoot",
        "source.counterfactual": "Counterfactual: assumed here.",
        "source.assumption": "Assumption: not documented.",
        "at_start.elsewhere": "{label}, on the first day",
        "at_start": "{label}, on 1 January 2009",
        "posterior.kept": "as the posterior says, drawn anew in each run",
        "prior.kept": "as its prior says, drawn anew in each run",
        "course.none": "always: {rest}",
        "course.never": "never",
        "course.from": "from {date}: {told}",
        "course.span": "{first} to {last}",
        "course.open": "from {first} on",
        "counterfactual": "Counterfactual",
        "documented": "As documented",
        # Values.
        "choice.none": "no order",
        "choice.pact": "pact",
        "choice.own": "the gangs' own order",
        "choice.attack": "order to attack",
        "choice.any": "no documented one",
        "choice.2010-09": "that of September 2010",
        "choice.2012-03": "that of March 2012",
        "choice.2014-08": "that of August 2014",
        "choice.2015-01": "that of January 2015",
        "choice.2015-11": "that of November 2015",
        "choice.2016-03": "that of March 2016",
        "choice.hazard": "by the model's own hazard",
        "choice.dated": "only on the days that are dated",
        "choice.sealed": "sealed",
        "choice.cut": "cut off from spokesmen",
        "choice.barred": "meetings barred",
        "choice.open": "open",
        "choice.hostile": "hostile",
        "choice.neutral": "neutral",
        "choice.supportive": "supportive",
        "choice.neighbours": "neighbours of zones",
        "choice.violence": "the most violent",
        "choice.random": "any",
        "lever.truce": "The truce",
        "lever.extension": "Extension to neighbours",
        "state.truce.0": "truce, leaders in contact",
        "state.truce.1": "truce, leaders isolated",
        "state.truce.2": "no truce",
        "state.truce.3": "truce, leaders' meetings barred",
        "state.truce.4": "truce, meetings barred and prison benefits withdrawn",
        "state.truce.5": "truce, spokesmen in prison too, without benefits",
        "state.truce.6": "truce, leaders in contact, without benefits",
        # Cases.
        "case.changed": "{title}, changed",
        "case.story": "{story} Changed in the workshop, so a counterfactual: {told}",
        "zone.signs": "{place} signs on {date}",
        "zone.dropped": "{place} does not sign",
        "zone.left_out": "Would sign before any truce, and so do not: {places}",
        "departure.lever": "{lever}: the record that was fitted holds no example of this; how "
        "strongly it acts comes from priors",
        "departure.parameter": "{label}: {value} lies outside the posterior's 90% interval, "
        "{low} to {high}",
        "departure.option": "{label}: nothing was fitted with this",
        # How sure.
        "sure.fewer": "Of 100 simulations, {n} have fewer homicides {b} than {a}",
        "sure.equal": "{n} as many",
        "sure.more": "{n} more",
        "sure.first": "These are first results, from {n} simulations.",
        "sure.doubt.years": "Of the difference {share} lies in {years}, and there a simple forecast "
        "does better than the model.",
        "sure.doubt.unknown": "It hangs on {assumed}, and nobody has measured that.",
        "likely.certain": "In the model all but certain",
        "likely.very": "In the model very likely",
        "likely.likely": "In the model likely",
        "likely.even": "In the model it could be either way",
        "apart.fewer": "{n} fewer",
        "apart.more": "{n} more",
        "apart.none": "no difference",
        "apart.range.fewer": "{low} to {high} fewer",
        "apart.range.more": "{low} to {high} more",
        "apart.both": "{more} more to {fewer} fewer",
        "runs": "{n} paired runs",
        "run": "1 paired run",
        # Reductions.
        "baseline.jan_feb_2012": "1 January to 8 March 2012, a spike",
        "baseline.2011": "The year 2011",
        "baseline.26_months": "January 2010 to February 2012",
        "baseline.no_truce": "The model's own runs without a truce",
        # Problems.
        "problem.plain": "{detail}",
        "problem.control": "The page asked for something that does not exist; reload it.",
        "problem.steps": "A control has {most} dates at most.",
        "problem.same_day": "Two dates of one control are the same day.",
        "problem.date": "“{text}” is not a date.",
        "problem.outside": "{date} is outside the run, {first} to {last}.",
        "problem.number": "“{text}” is not a number.",
        "problem.bounds": "{name}: it must lie between {low} and {high}.",
        "problem.place.elsewhere": "No place is called that.",
        "problem.place": "No municipality is called that.",
        "problem.before_truce": "{place} cannot sign on {date}: there is no truce by then.",
        "problem.file": "The file was not accepted: {detail}",
        "problem.large": "The file was not accepted: it has {size} bytes, {most} are allowed.",
        "problem.link": "The link could not be read, the page shows what it starts with: {detail}",
        "problem.run": "Something went wrong in a run; the page goes on. Change the case or reload. "
        "({detail})",
        "problem.full": "The workshop is full: {most} people have it open. Please try again later.",
        # The page.
        "page.title": "What would have happened if?",
        "page.kicker.elsewhere": "{country} {first}–{last} · a truce between gangs in a model",
        "page.kicker": "El Salvador 2009–2016 · the gang truce of March 2012 in a model",
        "page.save": "Share",
        "page.skip": "Skip to the answer",
        "page.language": "Language",
        "page.copy": "Copy link",
        "page.copied": "The link is in the address bar and was copied.",
        "page.no_link": "A case from a file cannot be carried by a link: save it as a file.",
        "page.png": "Figure (PNG)",
        "page.svg": "Figure (SVG)",
        "page.report": "Report",
        "page.report_coming": "The report is being made; it takes some seconds.",
        "page.report_busy": "Another report is being made. Please try again in a moment.",
        "page.report_made": "The report was saved as a file.",
        "page.mode": "Workshop mode",
        "page.mode_on": "Leave workshop mode",
        "page.mode_help": "Calls the gangs A, B and C, shows no single clique, and lets people "
        "guess first.",
        "page.safety": "Before you begin",
        "page.safety_text": "This is about people who were killed, and some of those in the room "
        "may have lost somebody. Say so at the start, let anyone leave the room, and do not ask "
        "who knows whom. No name of a gang, a clique or a person is needed here, and none should "
        "be said aloud. What people enter is not stored.",
        "page.uploaded": "Texts of an opened file are shown as they are written, with any name of a "
        "gang in them.",
        "page.lost": "The connection to the program is lost. What you see no longer changes; the "
        "page comes back by itself, with these cases and the guesses, when the program answers.",
        "page.unkept": "This browser could not keep guesses and cases from files: enter and open "
        "them again.",
        "page.foot": "trucesim {version}. Runs of a model, not forecasts. Cliques are placed at "
        "random in every run: no place on the map says where a clique is. Places and groups, "
        "never persons.",
        # Questions.
        "question.guarantor": "What if the guarantor had stayed?",
        "question.funds": "What if the funds had arrived?",
        "question.extension": "What if it had spread to the neighbours?",
        "question.no-truce": "What if there had been no truce?",
        "question.more": "and {n} more: {names}",
        "question.own": "Build your own case",
        # Cards.
        "card.case": "Case {side}",
        "card.undo": "Undo",
        "card.reset": "Reset",
        "card.toml": "Save as file",
        "card.upload": "Open a file",
        "card.swap": "Swap A and B",
        "card.story": "The story, and its file",
        "card.differ": "What differs",
        "card.same": "The two cases are the same. Change one of them to compare.",
        "card.departures": "Beyond what the model was fitted to",
        # Desk.
        "desk.which": "Which case to change",
        "desk.from": "from",
        "desk.remove": "Remove this date",
        "desk.add": "Add a date",
        "desk.help": "What is this? {label}",
        "desk.value": "{label}: value from {date}",
        "desk.date": "{label}: date",
        "desk.day": "dd/mm/yyyy",
        "desk.day_note": "Day/month/year, from {first} to {last}",
        "desk.calendar": "Calendar",
        "desk.aim.elsewhere": "Extension to neighbours was an aim of El Salvador's policy, not an "
        "observed regularity. What the model says about it is a counterfactual.",
        "desk.zone_help.elsewhere": "Click a place on the map, or choose it here. It signs on the "
        "date given, or no longer signs.",
        "desk.zone_place.elsewhere": "Place",
        "desk.zone_none.elsewhere": "No place signs in this case.",
        "desk.aim": "Extension to neighbours was an aim of the policy, not an observed regularity. "
        "What the model says about it is a counterfactual.",
        "desk.more": "More assumptions",
        "desk.apart": "Also in this case",
        "desk.zones": "Violence-free zones",
        "desk.zone_help": "Click a municipality on the map, or choose it here. It signs on the date "
        "given, or no longer signs. The documented ones come from the press and official documents.",
        "desk.zone_date": "New ones sign on",
        "desk.zone_place": "Municipality",
        "desk.zone_choose": "choose …",
        "desk.zone_drop": "{place} no longer signs",
        "desk.zone_none": "No municipality signs in this case.",
        # Answer.
        "answer.waiting": "The first simulations are being made …",
        "answer.progress": "{done} of {of} paired simulations",
        "answer.done": "{of} paired simulations: the same chance on both sides",
        "answer.hidden": "The answer is hidden until you have guessed.",
        "answer.a.pair": "with A",
        "answer.b.pair": "with B",
        "answer.a.truce": "without a truce",
        "answer.b.truce": "with the truce",
        "answer.size.fewer": "{b} {n} fewer homicides from {month} on, of {of} {a} ({share})",
        "answer.size.more": "{b} {n} more homicides from {month} on, beside {of} {a} ({share})",
        "answer.size.small": "the difference {b} is too small to speak of: on average less than 1 "
        "in 100 of the {of} homicides {a} from {month} on",
        "answer.size.uncertain": "the difference in homicides {b} is uncertain: {range} in 9 of 10 "
        "simulations",
        "answer.size.same": "no difference {b}: the same in every simulation",
        "answer.within.uncertain": "on average {mean}, less than 1 in 100 of the {of} "
        "{a} from {month} on",
        "answer.within": "in 9 of 10 simulations: {range}",
        "answer.icons": "Each dot is one simulation in a hundred: {fewer} with fewer homicides "
        "under B, {equal} with as many, {more} with more",
        "answer.caveat": "In the model, and if its assumptions hold. What it gets wrong stands in "
        "“Why should I believe this?”.",
        "answer.counterfactual": "{side} is a counterfactual: nobody has observed it.",
        "answer.legend.fewer": "fewer with B",
        "answer.legend.equal": "as many",
        "answer.legend.more": "more with B",
        "answer.control": "What happened: homicides did not fall. In the 28 days after the pact there "
        "were {value} times as many as in the 28 days before.",
        # Why, and what it hangs on.
        "because.why": "Why",
        "because.from": "from {month} on",
        "because.what": "What",
        "because.difference": "Difference with B",
        "because.none": "On the way to homicides nothing differs that one could count.",
        "because.next": "Ask next:",
        "because.hangs": "What does it hang on?",
        "because.most": "Most on {assumed} (“{label}” among the assumptions).",
        "because.unknown": "The record hardly narrows it.",
        "because.known": "The record narrows it, and leaves this range.",
        "because.below": "Half with less of it",
        "because.above": "Half with more of it",
        "because.chance": "On no single assumption that can be told from chance.",
        "because.few": "That is told from {n} simulations on.",
        "because.change": "Change the assumption",
        "because.where.elsewhere": "In which {places}?",
        "because.where": "In which municipalities?",
        "because.national": "All",
        "because.zones": "Those that signed",
        "because.beside": "Their neighbours",
        "because.elsewhere": "The rest",
        "because.scale": "A dot: the mean; a line: 9 of 10 simulations; upright: no difference",
        "because.more": "more with B",
        "because.fewer": "fewer with B",
        "chain.signed.elsewhere": "Places that signed",
        "chain.signed": "Municipalities that signed",
        "chain.strength": "Strength of the gangs' orders to hold fire, of 100",
        "chain.holding": "Gang members who hold to an order",
        "chain.between_gangs": "Killed in attacks between gangs",
        "chain.against_others": "People outside gangs killed by gangs",
        "chain.clashes": "Killed in clashes with police and soldiers",
        "chain.others": "Killed by others",
        # All what-ifs.
        "tab.ranking": "All what-ifs",
        "ranking.caption": "What could have been different, in one view",
        "ranking.note": "Each case beside what happened, all years and the whole country, from {n} "
        "simulated histories that follow the record's months. Click a case to see it as B.",
        "ranking.case": "Case",
        "ranking.difference": "Mean difference, and 9 of 10 simulations",
        "ranking.fewer": "Fewer in",
        "ranking.hangs": "Hangs most on",
        "ranking.unknown": "nobody has measured it",
        "ranking.untold": "none told from chance",
        "ranking.small": "Grey: too small to speak of, or could be either way.",
        "ranking.none": "This copy of trucesim comes without the stored answers.",
        # Map.
        "map.title": "Where",
        "map.view": "What the map shows",
        "map.a": "Case A",
        "map.b": "Case B",
        "map.difference": "Difference",
        "map.month": "Month",
        "map.play": "Play",
        "map.pause": "Pause",
        "map.span": "Span",
        "map.span.1": "one month",
        "map.span.12": "twelve months",
        "map.rate": "Homicides per 100,000 people a year, mean over runs",
        "map.rate_difference": "Difference in homicides per 100,000 people a year, mean over runs",
        "map.none.elsewhere": "No place differs by more than {most} in these months.",
        "map.placement.class.elsewhere": "with the rates of single places",
        "map.placement.departments.elsewhere": "by people and counted homicides alone",
        "map.note.elsewhere": "Simulated, not observed. Cliques are spread over the country by people "
        "and counted homicides; the rest is drawn by chance in every simulation.",
        "map.none": "No municipality differs by more than {most} in these months.",
        "map.more_about": "Months and placement",
        "map.zone_a": "zone in A",
        "map.zone_b": "zone in B",
        "map.placement": "Where cliques are placed",
        "map.placement.class": "with the rate class of 2015",
        "map.placement.departments": "population and departments of 2010 alone",
        "map.note": "Simulated, not observed. Municipal results rest on the rate class of 2015, "
        "which is from after the truce; the other placement does without. Population of 2007.",
        "map.hover.rate": "rate in {side}",
        "map.hover.difference": "A minus B",
        "map.zone.never": "no zone",
        "map.zone.some": "zone in {share} of the runs of {side}",
        "map.alt": "Map of the {n} {places}. The same choice is offered as a list beside it.",
        # Series.
        "series.title": "When",
        "series.axis": "Homicides per month",
        "series.observed": "Observed",
        "series.band": "90% of simulations",
        "series.events": "Dated events",
        "series.apart": "Difference with B",
        "series.apart_axis": "homicides a month: above 0 more, below 0 fewer; mean and 90% of "
        "simulations",
        "series.apart_alt": "The difference in homicides a month, B minus A, with its band. The "
        "tables hold it by year.",
        "series.alt": "Homicides per month, observed and simulated in both cases, with bands.",
        "series.only": "only in {side}",
        "series.sources": "Dates come from the press and official documents of the time, unless "
        "something else is said.",
        # Numbers.
        "tab.numbers": "The numbers",
        "tab.why": "Why should I believe this?",
        "numbers.yearly": "Recorded homicides by year",
        "numbers.year": "Year",
        "numbers.all": "All years",
        "numbers.observed": "Observed",
        "numbers.averted": "Difference with B",
        "numbers.sure": "Fewer with B in",
        "numbers.of_100": "{share} of 100",
        "numbers.interval": "means, with the interval of 90% of simulations",
        "numbers.reductions": "Every reduction depends on its baseline",
        "numbers.window": "Homicides averted and reduction, {span}: median and 90% of simulations",
        "numbers.baseline": "Compared with",
        "numbers.range": "{low} to {high}",
        "numbers.coming": "The table of reductions follows when all simulations are there.",
        # Why should I believe this?
        "why.fitted": "What was fitted, and how it did",
        "why.elsewhere": "What is this from?",
        "why.elsewhere_text": "How the model did where it was fitted, and what it gets wrong there, is "
        "on El Salvador's page.",
        "why.region": "The same pact in three countries",
        "why.region_text": "Homicides fewer in a pact's first year than in the same simulations without "
        "it, and what is assumed to differ. El Salvador was fitted; Honduras and Guatemala take its "
        "rules, with wide assumptions for the gangs' share of killings and the reach of orders. "
        "Guatemala's pact never was.",
        "why.pact": "Pact",
        "why.fewer": "Fewer homicides",
        "why.share": "Gangs' share of killings, assumed",
        "why.reach": "Reach of orders, assumed",
        "why.offers": "The state offers something",
        "why.control": "In Honduras homicides did not fall: 28 days after the pact against 28 before, "
        "observed {value} ({low} to {high} by chance alone). The model gives {documented_p05} to "
        "{documented_p95}, but {below} of its simulations give a fall that did not come; with El "
        "Salvador's hierarchy, share and offers it would give {failing_p05} to {failing_p95}.",
        "why.fitted_text": "Parameters were chosen by the national months of 2009 to 2016 and {n} "
        "statistics beside them, by a plan that was committed first and revised once after trial fits; nothing after 2016 is "
        "seen. "
        "Checks were known but not used. “Right” means: the observed value lies in the interval of "
        "90% of the runs, and that interval is no wider than the value. Scenario: the record, the "
        "gangs' answers on their documented days.",
        "why.use.fit": "Fitted",
        "why.use.check": "Checked, not fitted",
        "why.right": "{right} of {of} right",
        "why.pattern": "What",
        "why.observed": "Observed",
        "why.simulated": "Simulated, 90% of runs",
        "why.ratio": "Simulated ÷ observed",
        "why.yes": "right",
        "why.no": "missed",
        "why.wide": "too wide to count",
        "why.forecasts": "Does it forecast?",
        "why.forecasts_text": "Each block of months was predicted from a fit without it; 2017 to "
        "2019, which nothing was fitted to, from that of 2009 to 2016. From a block's first day "
        "the gangs' orders come by themselves, as the model has it. Beside it stands the best of "
        "several naive forecasts, chosen afterwards. A forecast is beaten if its whole "
        "distribution lies farther from what was observed (CRPS). The first generation was fitted "
        "to June 2013; its forecast stands as it was in experiments/validation/first-generation.",
        "why.pooled": "The first four blocks together",
        "why.unseen": "{span}, never fitted",
        "why.none": "This copy of trucesim comes without the results of its validation: see "
        "experiments/validation in its sources.",
        "why.window": "Months",
        "why.mae": "Mean error of the model, homicides a month",
        "why.naive": "Mean error of the best naive forecast",
        "why.coverage": "Months inside the 90% interval",
        "why.beats": "Naive forecasts it beats",
        "why.beaten": "{beaten} of {of}",
        "why.wrong": "What the model gets wrong",
        "why.aim.patterns_inside": "Patterns inside their 90% interval: {value}, and {low} or more "
        "was aimed at.",
        "why.aim.patterns_counted": "Patterns that are right: {value}, and {low} or more was aimed "
        "at.",
        "why.aim.months_inside": "Months of 2009 to 2016 inside their 90% interval, as fitted: "
        "{value}, and {low} to {high} was aimed at.",
        "why.aim.blocks_inside": "Months of the blocks inside their 90% interval: {value}, and "
        "{low} or more was aimed at.",
        "why.aim.blocks_crps": "Over the first four blocks it forecasts no better than a naive "
        "forecast, “{of}” (CRPS {value}, the naive one {high}).",
        "why.aim.later_crps": "Of {of} it forecasts no better than the best naive forecast (CRPS "
        "{value}, the naive one {high}).",
        "why.outside.low": "Too low in the model, observed outside the interval: {names}.",
        "why.outside.high": "Too high in the model, observed outside the interval: {names}.",
        "why.wrong.identified": "Most parameters are not identified by what was fitted: they stay "
        "where they were assumed.",
        "why.wrong.places.elsewhere": "Where gangs are in the country is hardly known. Cliques are "
        "placed at random: no point of the map says where one is.",
        "why.leaving_text.elsewhere": "What was fitted is what happened in El Salvador from 2009 to "
        "2016: every case of another country lies outside it. Beyond that:",
        "why.wrong.places": "Municipal results rest on the rate class of 2015, from after the truce. "
        "Cliques are placed at random: no point of the map says where one is.",
        "why.leaving": "Does a case leave what the model was fitted to?",
        "why.leaving_text": "What was fitted is what happened from 2009 to 2016: whatever did not "
        "happen lies outside it. Beyond that:",
        "why.within": "Nothing that was changed goes further.",
        "why.assumptions": "Where each number comes from; change it for case {side}",
        "why.assumptions_text": "A value that is set here holds in every run of that case; let go, "
        "the parameter is drawn anew in each run, as the posterior says.",
        "why.kind.uncertain": "What nobody knows",
        "why.kind.lever": "What somebody can decide",
        "why.kind.fixed": "What is taken as given",
        "why.quantity": "Quantity",
        "why.known.elsewhere": "Median, 90% (of its own: the whole range)",
        "why.known": "Median, 90%",
        "why.from_prior": "of its prior: the posterior does not hold it",
        "why.bounds": "Allowed",
        "why.origin": "Source",
        "why.value": "Set to",
        "why.only": "Only in {side}: the difference mixes the case with the assumption.",
        "why.both": "Assume the same in {side}",
        "why.release": "Let go",
    },
    context="locale.texts",
)


class Said(Message):
    """A message by its key, whose fields are written as the language that is spoken does.

    Parameters
    ----------
    key : str
        Of the text.
    **fields : object
        What fills it in: days, numbers, declared quantities, and texts by language.
    """

    def __new__(cls, key: str, /, **fields: object) -> Self:
        """Say it in English."""
        if isinstance(key, cls):
            return key
        with speaking(LANGUAGES[0]):
            self = str.__new__(cls, _said(key, fields))
        self.text, self.fields = key, fields
        return self

    def told(self, translate: Callable[[str], str] = translated) -> str:
        """Say it in the language that is spoken."""
        return _said(self.text, self.fields)


def _said(key: str, fields: dict[str, object]) -> str:
    return say(key, **{name: _written(value) for name, value in fields.items()})


def _written(value: object) -> str:
    if isinstance(value, dt.date):
        return date(value)
    if hasattr(value, "label"):
        return str(value.label())
    if isinstance(value, int | float):
        return short(value)
    return str(value[spoken()] if isinstance(value, Mapping) else value)


class Problem(InputError):
    """An input that a person can mend, told by the key of a text, and its fields: see `Said`."""

    def __init__(self, key: str, /, **fields: object) -> None:
        super().__init__(Said(key, **fields))

    def told(self) -> str:
        """Say what is wrong."""
        return told(self)


def problem_told(error: InputError, key: str) -> str:
    """Say what is wrong with an input, within the text of a key."""
    return say(key, detail=told(error))


ELSEWHERE = ".elsewhere"
"""What the key of a text ends in that goes before another in countries other than El Salvador."""

_OTHERWISE = frozenset(key for key in TEXT if key.endswith(ELSEWHERE))

_elsewhere = [False]


@contextmanager
def saying_elsewhere(there: bool) -> Iterator[None]:
    """Speak of a country other than El Salvador, or of it, within a ``with``, in all threads."""
    _elsewhere.append(there)
    try:
        yield
    finally:
        _elsewhere.pop()


def say(key: str, **fields: Any) -> str:
    """Give a text in the language that is spoken, with its fields filled in.

    Of another country than El Salvador it is that of ``key.elsewhere``, if there is one.

    Raises
    ------
    KeyError
        No such text: a slip in the code, which the tests find.
    """
    there = key + ELSEWHERE
    text = TEXT[there if _elsewhere[-1] and there in _OTHERWISE else key]
    return called(text.format(**fields, **FIELDS) if fields else text)


def runs(count: int) -> str:
    """Say how many paired runs there are."""
    return say("run") if count == 1 else say("runs", n=number(count))
