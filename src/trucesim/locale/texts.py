"""Every word of the page and of the report, in English and Spanish.

Labels and explanations of parameters are declared with them (:mod:`trucesim.parameters`), stories
of scenarios in their files; all else stands here, by key, and is said with `say`.
"""

from __future__ import annotations

import datetime as dt
from html import escape
from typing import Any, Protocol

from trucesim.files.errors import InputError
from trucesim.locale.language import month, number, short
from trucesim.parameters import Parameter

TEXT: dict[str, dict[str, str]] = {
    "en": {
        # What runs are made of.
        "history.record": "From the world as it was: {n} simulated histories that follow the "
        "record's months, each of them changed on the day of the change only.",
        "history.chance": "From chance: worlds as they might have been, which do not follow the "
        "record.",
        "history.parameters": "{title} changes {names} in all years, so no history that follows "
        "the record fits it.",
        "history.first-day": "{title} differs from what happened on the first day, so no history "
        "that follows the record fits it.",
        # Think first.
        "guess.title": "Think first",
        "guess.case": "Case B: {title}. How many homicides a month do you expect from March "
        "2012 on?",
        "guess.story": "{story}",
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
        "guess.kept": "Guesses carry no names. Nothing of them is stored: they are gone when "
        "the page is closed.",
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
        # The report.
        "report.kicker": "What would have happened if?",
        "report.document": "trucesim report",
        "report.versus": "compared with",
        "report.made": "{runs} · seed {seed} · made on {date}",
        "report.run": "1 run",
        "report.runs": "{n} runs",
        "report.model": "Runs of a model, not a forecast and not a prescription. Every number "
        "of it comes with an interval: 90% of the runs lie inside.",
        "report.few": "With {n} runs the ends of the intervals are rough; the default is 200.",
        "report.answer": "The answer in one sentence",
        "report.total": "{median} recorded homicides, {span}",
        "report.interval": "90% of runs: {cell}",
        "report.paired": "Both sides share the same seed and the same chance, so that they "
        "differ only by what was changed.",
        "report.dots": "Of {n} runs: ",
        "report.cases": "The case",
        "report.cases_pair": "The two cases",
        "report.case": "Case {letter}",
        "report.counterfactual": "Counterfactual",
        "report.record": "Follows the dated record",
        "report.differs": "What differs",
        "report.differs_record": "What differs from the dated record",
        "report.differs_words": "All else is the same in both. Until {date} they are one and "
        "the same, run by run.",
        "report.differs_start": "All else is the same in both. What differs holds from the "
        "first day.",
        "report.none_differs": "Nothing that acts in the model differs: the two are one case.",
        "report.lever": "What",
        "report.departs": "Beyond what the model was fitted to",
        "report.months": "Month by month",
        "report.months_words": "The line is the median of the runs, the bands hold half and 90% of "
        "them; black is the observed record. The record's months of 2009 to 2016 chose the model's "
        "parameters.",
        "report.months_alt": "Homicides per month of {case} from 2009 to 2016: simulated median "
        "and bands beside the observed record. The yearly totals are in a table below.",
        "report.pair_alt": "Homicides per month of A and of B, and their difference run by run. "
        "The yearly totals are in a table below.",
        "report.map": "On the map",
        "report.map_words": "Homicides are placed where people live and where rates were high; "
        "no place on the map says where a clique is. Municipal results rest on a rate class of "
        "2015, which is from after the truce.",
        "report.map_alt": "Three maps of simulated homicide rates by municipality: before, "
        "during and after the truce.",
        "report.map_pair_alt": "Two maps of the difference A minus B in homicide rates by "
        "municipality, {span}: with the 2015 rate class and without it.",
        "report.figures": "figures",
        "report.patterns_alt": "Every pattern as simulated divided by observed, grouped by use. "
        "Those missed stand in the table below.",
        "report.numbers": "In numbers",
        "report.reductions": "Reduction of recorded homicides, {window}",
        "report.averted": "Lives averted, {window}",
        "report.reductions_words": "Every reduction depends on its baseline: read none without it.",
        "report.averted_words": "Recorded homicides, had the baseline's daily mean gone on. "
        "Negative: more than at that rate.",
        "report.baseline": "Compared with",
        "report.observed": "Observed",
        "report.yearly": "Recorded homicides by year",
        "report.year": "Year",
        "report.fewer_in": "{one} has fewer in",
        "report.of_runs": "{x} of {n}",
        "report.cell": "{low} to {high}",
        "report.cells": "Bold: the median of the runs; below it, the interval that holds 90% of "
        "them.",
        "report.limits": "What this cannot say",
        "report.limits_words": "The model was held against the record before it was asked "
        "anything. Its own misses are the best measure of how far to trust it.",
        "report.kind_observed": "Observed",
        "report.kind_observed_words": "The monthly record and the dated events of the truce, "
        "each with its source.",
        "report.kind_assumed": "Assumed",
        "report.kind_assumed_words": "How gangs, cliques and forces act, and with what "
        "strength. Most strengths are not known: every run draws its own.",
        "report.kind_counterfactual": "Counterfactual",
        "report.kind_counterfactual_words": "Whatever in a case did not happen. Nobody observed "
        "it, and nobody can check it.",
        "report.inside": "The observed value lies inside the 90% interval for {fit} and {check}.",
        "report.inside_fit": "{inside} of {of} patterns that chose parameters",
        "report.inside_check": "{inside} of {of} checks",
        "report.missed": "What the model misses",
        "report.missed_words": "The observed value lies outside the 90% interval. What the model "
        "says of the same things in other cases is weak.",
        "report.pattern": "Pattern",
        "report.simulated": "Model",
        "report.verdict": "The model is",
        "report.low": "too low",
        "report.high": "too high",
        "report.ok": "within",
        "report.class": "Placed with and without the 2015 rate class",
        "report.class_words": "Where cliques are placed rests on municipal rate classes of "
        "2015, which is after the truce. Beside it stands a placement by population and "
        "departmental counts of 2010 alone.",
        "report.with_class": "With the class",
        "report.without_class": "Without it",
        "report.mind": "To bear in mind",
        "report.mind_extension": "Extension to neighbouring municipalities was an aim of policy "
        "and not an observed regularity.",
        "report.mind_zones": "No credible estimate of the zones' own effect exists: they were "
        "chosen for being violent.",
        "report.mind_cliques": "Cliques are placed at random, anew in every run. Places and "
        "groups, never persons.",
        "report.mind_hidden": "Recorded homicides are not all homicides: while a truce holds, "
        "some killings are hidden.",
        "report.mind_inputs": "The model is told dated events (the minister, soldiers, isolation "
        "of leaders). It does not foresee them.",
        "report.mind_width": "Intervals hold what is not known of parameters, and a climate for "
        "what the model lacks. They are wide for the years that were fitted, and too narrow where the "
        "world changed in a way that the model does not hold, as in 2019.",
        "report.provenance": "Where this comes from",
        "report.again": "Made again by",
        "report.again_words": "The same version, seed and runs give the same numbers.",
        "report.version": "Version",
        "report.data": "Data",
        "report.scenario": "Case {letter}",
        "report.digest": "digest {digest}",
        "report.seed": "Seed",
        "report.runs_label": "Runs",
        "report.placed_runs": "Placement without the class",
        "report.date": "Date",
        "report.files": "The cases as files",
        "report.files_words": "Save as a .toml file and open it in the workshop or on the "
        "command line.",
        "report.save": "Save {name}",
        "report.events": "Dated events of {case}",
        "report.no_events": "No dated event.",
        "report.event": "Event",
        "report.source": "Source",
        "report.licence": "trucesim, MIT licence. The tables come from the sources named in its "
        "NOTICE.",
        "report.alone.fewer": "In {share} of 100 runs there are fewer homicides than in the "
        "same runs without a truce.",
        "report.alone.more": "In {share} of 100 runs there are more homicides than in the same "
        "runs without a truce.",
        "report.amount.fewer": "{median} fewer homicides than without a truce, {span} (90% of "
        "runs: {low} to {high}). Both are runs of the model.",
        "report.amount.more": "{median} more homicides than without a truce, {span} (90% of "
        "runs: {low} to {high}). Both are runs of the model.",
        "report.dot.pair.fewer": "fewer in B",
        "report.dot.pair.equal": "as many",
        "report.dot.pair.more": "more in B",
        "report.dot.alone.fewer": "fewer than without a truce",
        "report.dot.alone.equal": "as many",
        "report.dot.alone.more": "more",
        "report.model_sources": "Model",
        "report.settings": "Set on the command line, in every case here: {settings}.",
        "report.even": "The model cannot tell which case has fewer homicides.",
        # Words that many places use.
        "yes": "yes",
        "no": "no",
        "without": "without it",
        "event": "Event",
        "zones": "Violence-free zones",
        "zones.none_of_these": "none of these",
        "source": "Source: {source}.",
        "source.counterfactual": "Counterfactual: assumed here.",
        "source.assumption": "Assumption: not documented.",
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
        "sure.same": "A and B are the same in every run.",
        "sure.equal": "In {equal} of 100 runs A and B are the same; in {fewer} B has fewer "
        "homicides, in {more} more.",
        "sure.fewer": "In {share} of 100 runs B has fewer homicides than A.",
        "sure.more": "In {share} of 100 runs B has more homicides than A.",
        "sure.one": "Choose a second case to compare.",
        "sure.difference.fewer": "{median} fewer homicides under B, {span} "
        "(90% of runs: {low} to {high}).",
        "sure.difference.more": "{median} more homicides under B, {span} "
        "(90% of runs: {low} to {high}).",
        "sure.band.fewer": "{n} fewer",
        "sure.band.more": "{n} more",
        "sure.band.equal": "no difference",
        "likely.equal": "In the model mostly no difference",
        "likely.certain": "In the model all but certain",
        "likely.very": "In the model very likely",
        "likely.likely": "In the model likely",
        "likely.even": "The model cannot tell which has fewer",
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
        "page.kicker": "El Salvador 2009–2016 · the gang truce of March 2012 in a model",
        "page.lead": "Change a date, click a municipality, and see what the model says, "
        "and how sure it is.",
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
        "page.foot": "trucesim {version}. Runs of a model, not forecasts. Cliques are placed at "
        "random in every run: no place on the map says where a clique is. Places and groups, "
        "never persons.",
        # Cards.
        "card.case": "Case {side}",
        "card.base": "Starts from",
        "card.edit": "Change this case",
        "card.editing": "Being changed below",
        "card.undo": "Undo",
        "card.reset": "Reset",
        "card.toml": "Save as file",
        "card.upload": "Open a file",
        "card.swap": "Swap A and B",
        "card.story": "The story",
        "card.differ": "What differs",
        "card.same": "The two cases are the same. Change one of them to compare.",
        "card.departures": "Beyond what the model was fitted to",
        # Desk.
        "desk.title": "Change case {side}",
        "desk.which": "Which case",
        "desk.from": "from",
        "desk.remove": "Remove this date",
        "desk.add": "Add a date",
        "desk.help": "What is this? {label}",
        "desk.value": "{label}: value from {date}",
        "desk.date": "{label}: date",
        "desk.aim": "Extension to neighbours was an aim of the policy, not an observed regularity. "
        "What the model says about it is a counterfactual.",
        "desk.more": "More assumptions",
        "desk.apart": "Also in this case",
        "desk.zones": "Violence-free zones",
        "desk.zone_help": "Click a municipality on the map, or choose it here. It signs on the date "
        "given, or no longer signs. Source of the documented ones: "
        "violence_free_municipalities.csv.",
        "desk.zone_date": "New ones sign on",
        "desk.zone_place": "Municipality",
        "desk.zone_choose": "choose …",
        "desk.zone_drop": "{place} no longer signs",
        "desk.zone_none": "No municipality signs in this case.",
        # Answer.
        "answer.waiting": "The first runs are being made …",
        "answer.progress": "{done} of {of} paired runs",
        "answer.done": "{of} paired runs: the same chance on both sides",
        "answer.hidden": "The answer is hidden until you have guessed.",
        "answer.icons": "Each dot is one run in a hundred: {fewer} with fewer homicides under B, "
        "{equal} with as many, {more} with more",
        "answer.caveat": "In the model, and if its assumptions hold. What it gets wrong stands in "
        "“Why should I believe this?”.",
        "answer.counterfactual": "{side} is a counterfactual: nobody has observed it.",
        "answer.legend.fewer": "B fewer",
        "answer.legend.equal": "the same",
        "answer.legend.more": "B more",
        # Map.
        "map.title": "Where",
        "map.view": "What the map shows",
        "map.a": "Case A",
        "map.b": "Case B",
        "map.difference": "A − B",
        "map.month": "Month",
        "map.play": "Play",
        "map.pause": "Pause",
        "map.span": "Span",
        "map.span.1": "one month",
        "map.span.12": "twelve months",
        "map.rate": "Homicides per 100,000 people a year, mean over runs",
        "map.rate_difference": "A minus B, homicides per 100,000 people a year, mean over runs",
        "map.fewer_b": "B has fewer",
        "map.fewer_a": "A has fewer",
        "map.zone_a": "zone in A",
        "map.zone_b": "zone in B",
        "map.placement": "Where cliques are placed",
        "map.placement.class": "with the rate class of 2015",
        "map.placement.departments": "population and departments of 2010 alone",
        "map.note": "Simulated, not observed. Municipal results rest on the rate class of 2015, "
        "which is from after the truce; the other placement does without. Population of 2007. "
        "Tiles are 1 km apart.",
        "map.hover.rate": "rate in {side}",
        "map.hover.difference": "A − B",
        "map.zone.never": "no zone",
        "map.zone.some": "zone in {share} of the runs of {side}",
        "map.alt": "Map of the 262 municipalities. The same choice is offered as a list beside it.",
        # Series.
        "series.title": "When",
        "series.axis": "Homicides per month",
        "series.observed": "Observed",
        "series.band": "90% of runs",
        "series.events": "Dated events",
        "series.alt": "Homicides per month, observed and simulated in both cases, with bands.",
        "series.only": "only in {side}",
        # Numbers.
        "tab.numbers": "The numbers",
        "tab.why": "Why should I believe this?",
        "numbers.yearly": "Recorded homicides by year",
        "numbers.year": "Year",
        "numbers.all": "All years",
        "numbers.observed": "Observed",
        "numbers.averted": "A − B",
        "numbers.sure": "B fewer in",
        "numbers.of_100": "{share} of 100",
        "numbers.interval": "median and 90% of runs",
        "numbers.reductions": "Every reduction depends on its baseline",
        "numbers.window": "Homicides averted and reduction, {span}",
        "numbers.baseline": "Compared with",
        "numbers.range": "{low} to {high}",
        "numbers.coming": "The tables follow when all runs are there.",
        # Why should I believe this?
        "why.fitted": "What was fitted, and how it did",
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
        "why.known": "Median, 90%",
        "why.from_prior": "of its prior: the posterior does not hold it",
        "why.bounds": "Allowed",
        "why.origin": "Source",
        "why.value": "Set to",
        "why.release": "Let go",
    },
    "es": {
        # What runs are made of.
        "history.record": "A partir del mundo como fue: {n} historias simuladas que siguen los "
        "meses del registro, y en cada una solo cambia algo desde el día del cambio.",
        "history.chance": "A partir del azar: mundos como pudieron haber sido, que no siguen el "
        "registro.",
        "history.parameters": "{title} cambia {names} en todos los años, así que ninguna historia "
        "que siga el registro le corresponde.",
        "history.first-day": "{title} difiere de lo ocurrido desde el primer día, así que ninguna "
        "historia que siga el registro le corresponde.",
        # Think first.
        "guess.title": "Primero, piense",
        "guess.case": "Caso B: {title}. ¿Cuántos homicidios por mes espera desde marzo de 2012?",
        "guess.story": "{story}",
        "guess.story_head": "Qué pasa en el caso B",
        "guess.alt": "Una gráfica de homicidios por mes. Hasta febrero de 2012 muestra el "
        "registro; los meses siguientes están vacíos, para dibujarlos con el ratón o el dedo. "
        "Los campos de abajo hacen lo mismo con el teclado.",
        "guess.years": "Dibuje una línea en la gráfica o escriba homicidios por mes:",
        "guess.number": "Escriba un número entero de 0 a {most}.",
        "guess.empty": "Primero dibuje una línea o escriba un número.",
        "guess.full": "Ya hay {most} estimaciones; no caben más en la página.",
        "guess.add": "Anotar esta estimación",
        "guess.clear": "Borrar",
        "guess.show": "Mostrar la respuesta",
        "guess.hide": "Ocultar antes las respuestas",
        "guess.again": "Empezar de nuevo",
        "guess.count.0": "Todavía no hay estimaciones.",
        "guess.count.1": "Una estimación.",
        "guess.count.2": "{n} estimaciones.",
        "guess.kept": "Las estimaciones no llevan nombre. Nada de ellas se guarda: desaparecen "
        "al cerrar la página.",
        "guess.sentence.1": "{span}: usted dijo {guess} homicidios por mes. El modelo dice "
        "{model} (90% de las corridas: {low} a {high}). El registro: {record}.",
        "guess.sentence.2": "{span}: la mitad de ustedes dijo {guess} homicidios por mes o "
        "menos. El modelo dice {model} (90% de las corridas: {low} a {high}). El registro: "
        "{record}.",
        "guess.record_same": "El caso B sigue el registro fechado, así que los tres hablan de "
        "los mismos hechos.",
        "guess.record_other": "El caso B es un contrafactual: el registro muestra lo que pasó "
        "en otro caso, el que sí ocurrió.",
        "guess.months": "Meses",
        "guess.guesses": "Sus estimaciones (líneas grises de arriba)",
        "guess.model": "El modelo, caso B",
        "guess.record": "El registro",
        "guess.table": "Lo mismo como tabla",
        "guess.sentence.0": "Nadie estimó medio año o más: dibuje una línea más larga.",
        "tab.guess": "Primero, piense",
        "tab.watch": "Ver una corrida",
        # Watching one run.
        "watch.title": "Ver una corrida",
        "watch.label": "Inventado.",
        "watch.invented": "Una corrida de doscientas, semana a semana. Cada marca es una clica, "
        "puesta al azar dentro de su municipio: ninguna marca dice dónde está o estuvo una "
        "clica.",
        "watch.invented_hidden": "Una corrida de doscientas, semana a semana. Aquí no se "
        "muestran clicas sueltas; en el modelo se ubican al azar.",
        "watch.alt": "Un mapa de los municipios. Elija uno de la lista para leer sus pandillas, "
        "su fuerza de seguridad y por qué las clicas decidieron así.",
        "watch.starting": "Preparando la corrida …",
        "watch.ready": "Pulse reproducir",
        "watch.play": "Reproducir",
        "watch.pause": "Pausa",
        "watch.step": "Una semana",
        "watch.again": "Desde el inicio",
        "watch.other": "Corrida {run} de {of}: otra",
        "watch.other_help": "Otra corrida del mismo caso: otro azar, otros parámetros.",
        "watch.per_second": "{n} semanas por segundo",
        "watch.case": "Caso",
        "watch.from": "Desde",
        "watch.speed": "Velocidad",
        "watch.marks": "Llena: la clica acata la orden. Hueca: no la acata, o no rige ninguna "
        "orden. Más grande: más miembros.",
        "watch.shades": "Parte de los pandilleros cuya clica acata la orden",
        "watch.gang": "Pandilla",
        "watch.cliques": "Clicas",
        "watch.hold": "Miembros cuya clica acata",
        "watch.members": "Miembros",
        "watch.holding": "de ellos, acatan",
        "watch.weeks": "Homicidios registrados por semana en esta corrida",
        "watch.choose": "Elija un municipio",
        "watch.place": "Municipio (o haga clic en el mapa)",
        "watch.hint": "Elija un municipio para ver sus pandillas, su fuerza de seguridad y por "
        "qué las clicas decidieron así.",
        "watch.force": "Fuerza de seguridad",
        "watch.force_told": "{police} policías, {soldiers} soldados",
        "watch.pressure": "Presión",
        "watch.pressure_told": "{times} veces la del inicio",
        "watch.zone": "Municipio libre de violencia",
        "watch.zone.yes": "sí",
        "watch.zone.no": "no",
        "watch.none": "Ninguna pandilla aquí en esta corrida.",
        "watch.single_hidden": "En el modo taller no se muestran clicas sueltas ni sus razones.",
        "watch.no_order": "No rige ninguna orden de cese: no hay nada que decidir.",
        "watch.first_week": "Deje pasar una semana para ver las razones.",
        "watch.new": "Se fundó esta semana: todavía no ha decidido.",
        "watch.why": "Por qué las clicas decidieron así",
        "watch.why_note": "A la derecha, lo que inclina a acatar la orden; a la izquierda, lo "
        "que inclina a no acatarla (log de probabilidades, de la propia regla).",
        "watch.clique": "Clica {n}",
        "watch.n_members": "{n} miembros",
        "watch.holds": "acata",
        "watch.holds_not": "no acata",
        "watch.more": "Mostrar más ({n})",
        "watch.reached": "La orden le llegó.",
        "watch.reached_not": "La orden no le llegó.",
        "watch.agreed": "El pacto local le llegó.",
        "watch.together": "En conjunto",
        "watch.sum.for": "Pesa más lo que inclina a acatar: acata.",
        "watch.sum.against": "Pesa más lo que inclina a no acatar: no acata.",
        "watch.sum.unreached": "Pese lo que pese: sin la orden no acata.",
        "watch.full": "En esta computadora ya se están viendo {most} corridas. Espere a que una "
        "se detenga.",
        "watch.failed": "La corrida se detuvo por un error ({detail}). Pulse reproducir para "
        "empezar de nuevo.",
        "watch.name.ms13": "MS-13",
        "watch.name.surenos": "Barrio 18 Sureños",
        "watch.name.revolucionarios": "Barrio 18 Revolucionarios",
        "watch.name.other_gangs": "Otras pandillas",
        "watch.letter.ms13": "Pandilla A",
        "watch.letter.surenos": "Pandilla B",
        "watch.letter.revolucionarios": "Pandilla C",
        "watch.letter.other_gangs": "Otras pandillas",
        "watch.term.disposition": "Su inclinación duradera",
        "watch.term.mood": "Su ánimo pasajero",
        "watch.term.leaders": "Lo que los jefes amenazan y ofrecen",
        "watch.term.municipality": "Pacto local y beneficios",
        "watch.term.deterrence": "Presión policial que respeta a quien acata",
        "watch.term.trust": "Confianza en que los rivales también acatan, o la palabra del garante",
        "watch.term.local_gain": "Ganancia de atacar a rivales cercanos",
        "watch.term.grievance": "Muertos sin vengar",
        # The report.
        "report.kicker": "¿Qué habría pasado si…?",
        "report.document": "Informe de trucesim",
        "report.versus": "en comparación con",
        "report.made": "{runs} · semilla {seed} · hecho el {date}",
        "report.run": "1 corrida",
        "report.runs": "{n} corridas",
        "report.model": "Corridas de un modelo; no es un pronóstico ni una receta. Cada número "
        "suyo lleva un intervalo: dentro está el 90% de las corridas.",
        "report.few": "Con {n} corridas los extremos de los intervalos son aproximados; lo "
        "habitual son 200.",
        "report.answer": "La respuesta en una frase",
        "report.total": "{median} homicidios registrados, {span}",
        "report.interval": "90% de las corridas: {cell}",
        "report.paired": "Ambos lados comparten la semilla y el azar: solo los separa lo que se "
        "cambió.",
        "report.dots": "De {n} corridas: ",
        "report.cases": "El caso",
        "report.cases_pair": "Los dos casos",
        "report.case": "Caso {letter}",
        "report.counterfactual": "Contrafactual",
        "report.record": "Sigue el registro fechado",
        "report.differs": "En qué difieren",
        "report.differs_record": "En qué difiere del registro fechado",
        "report.differs_words": "Lo demás es igual en ambos. Hasta el {date} son uno y el "
        "mismo, corrida por corrida.",
        "report.differs_start": "Lo demás es igual en ambos. Lo que difiere rige desde el "
        "primer día.",
        "report.none_differs": "No difiere nada que actúe en el modelo: los dos son un mismo caso.",
        "report.lever": "Qué",
        "report.departs": "Más allá de aquello a lo que se ajustó el modelo",
        "report.months": "Mes a mes",
        "report.months_words": "La línea es la mediana de las corridas; las franjas contienen la "
        "mitad y el 90% de ellas; en negro, el registro observado. Los meses del registro de 2009 "
        "a 2016 eligieron los parámetros del modelo.",
        "report.months_alt": "Homicidios por mes de {case} de 2009 a 2016: mediana y franjas "
        "simuladas junto al registro observado. Los totales anuales están en una tabla más "
        "abajo.",
        "report.pair_alt": "Homicidios por mes de A y de B, y su diferencia corrida por "
        "corrida. Los totales anuales están en una tabla más abajo.",
        "report.map": "En el mapa",
        "report.map_words": "Los homicidios se ubican donde vive la gente y donde las tasas "
        "eran altas; ningún punto del mapa dice dónde está una clica. Los resultados "
        "municipales se apoyan en una clase de tasa de 2015, posterior a la tregua.",
        "report.map_alt": "Tres mapas de tasas de homicidio simuladas por municipio: antes, "
        "durante y después de la tregua.",
        "report.map_pair_alt": "Dos mapas de la diferencia A menos B en tasas de homicidio por "
        "municipio, {span}: con la clase de tasa de 2015 y sin ella.",
        "report.figures": "figuras",
        "report.patterns_alt": "Cada patrón como simulado dividido entre observado, según su uso. "
        "Los que fallan están en la tabla siguiente.",
        "report.numbers": "En números",
        "report.reductions": "Reducción de los homicidios registrados, {window}",
        "report.averted": "Vidas que no se perdieron, {window}",
        "report.reductions_words": "Toda reducción depende de su base de comparación: no la lea "
        "sin ella.",
        "report.averted_words": "Homicidios registrados, si hubiera seguido la media diaria de "
        "la base. Negativo: más que a ese ritmo.",
        "report.baseline": "En comparación con",
        "report.observed": "Observado",
        "report.yearly": "Homicidios registrados por año",
        "report.year": "Año",
        "report.fewer_in": "{one} tiene menos en",
        "report.of_runs": "{x} de {n}",
        "report.cell": "{low} a {high}",
        "report.cells": "En negrita, la mediana de las corridas; debajo, el intervalo que "
        "contiene el 90% de ellas.",
        "report.limits": "Lo que esto no puede decir",
        "report.limits_words": "El modelo se comparó con el registro antes de preguntarle nada. "
        "Sus propios desaciertos son la mejor medida de cuánto confiar en él.",
        "report.kind_observed": "Observado",
        "report.kind_observed_words": "El registro mensual y los hechos fechados de la tregua, "
        "cada uno con su fuente.",
        "report.kind_assumed": "Supuesto",
        "report.kind_assumed_words": "Cómo actúan pandillas, clicas y fuerzas, y con qué "
        "intensidad. La mayoría de las intensidades no se conoce: cada corrida sortea las suyas.",
        "report.kind_counterfactual": "Contrafactual",
        "report.kind_counterfactual_words": "Todo lo que en un caso no ocurrió. Nadie lo "
        "observó y nadie puede comprobarlo.",
        "report.inside": "El valor observado está dentro del intervalo del 90% en {fit} y {check}.",
        "report.inside_fit": "{inside} de {of} patrones que eligieron parámetros",
        "report.inside_check": "{inside} de {of} controles",
        "report.missed": "En qué falla el modelo",
        "report.missed_words": "El valor observado está fuera del intervalo del 90%. Lo que el "
        "modelo dice de lo mismo en otros casos es débil.",
        "report.pattern": "Patrón",
        "report.simulated": "Modelo",
        "report.verdict": "El modelo queda",
        "report.low": "muy bajo",
        "report.high": "muy alto",
        "report.ok": "dentro",
        "report.class": "Ubicación con y sin la clase de tasa de 2015",
        "report.class_words": "La ubicación de las clicas se apoya en clases municipales de "
        "tasa de 2015, posteriores a la tregua. A su lado está una ubicación solo por población "
        "y conteos departamentales de 2010.",
        "report.with_class": "Con la clase",
        "report.without_class": "Sin ella",
        "report.mind": "Hay que tener presente",
        "report.mind_extension": "La extensión a municipios vecinos fue una meta de la política "
        "y no una regularidad observada.",
        "report.mind_zones": "No existe una estimación creíble del efecto propio de las zonas: "
        "se eligieron por ser violentas.",
        "report.mind_cliques": "Las clicas se ubican al azar, de nuevo en cada corrida. Lugares "
        "y grupos, nunca personas.",
        "report.mind_hidden": "Los homicidios registrados no son todos: mientras rige una "
        "tregua, algunas muertes se ocultan.",
        "report.mind_inputs": "Al modelo se le dicen los hechos fechados (el ministro, los "
        "soldados, el aislamiento de los jefes). No los prevé.",
        "report.mind_width": "Los intervalos contienen lo que no se sabe de los parámetros, y un "
        "clima por lo que le falta al modelo. Son anchos para los años del ajuste, y demasiado "
        "estrechos donde el mundo cambió de un modo que el modelo no contiene, como en 2019.",
        "report.provenance": "De dónde sale esto",
        "report.again": "Se vuelve a hacer con",
        "report.again_words": "La misma versión, semilla y corridas dan los mismos números.",
        "report.version": "Versión",
        "report.data": "Datos",
        "report.scenario": "Caso {letter}",
        "report.digest": "huella {digest}",
        "report.seed": "Semilla",
        "report.runs_label": "Corridas",
        "report.placed_runs": "Ubicación sin la clase",
        "report.date": "Fecha",
        "report.files": "Los casos como archivos",
        "report.files_words": "Guárdelo como archivo .toml y ábralo en el taller o en la línea "
        "de comandos.",
        "report.save": "Guardar {name}",
        "report.events": "Hechos fechados de {case}",
        "report.no_events": "Ningún hecho fechado.",
        "report.event": "Hecho",
        "report.source": "Fuente",
        "report.licence": "trucesim, licencia MIT. Las tablas provienen de las fuentes "
        "nombradas en su NOTICE.",
        "report.alone.fewer": "En {share} de 100 corridas hay menos homicidios que en las "
        "mismas corridas sin tregua.",
        "report.alone.more": "En {share} de 100 corridas hay más homicidios que en las mismas "
        "corridas sin tregua.",
        "report.amount.fewer": "{median} homicidios menos que sin tregua, {span} (90% de las "
        "corridas: {low} a {high}). Ambas son corridas del modelo.",
        "report.amount.more": "{median} homicidios más que sin tregua, {span} (90% de las "
        "corridas: {low} a {high}). Ambas son corridas del modelo.",
        "report.dot.pair.fewer": "menos en B",
        "report.dot.pair.equal": "los mismos",
        "report.dot.pair.more": "más en B",
        "report.dot.alone.fewer": "menos que sin tregua",
        "report.dot.alone.equal": "los mismos",
        "report.dot.alone.more": "más",
        "report.model_sources": "Modelo",
        "report.settings": "Fijado en la línea de comandos, en todos los casos de aquí: "
        "{settings}.",
        "report.even": "El modelo no distingue en cuál caso hay menos homicidios.",
        "yes": "sí",
        "no": "no",
        "without": "sin esto",
        "event": "Hecho",
        "zones": "Municipios libres de violencia",
        "zones.none_of_these": "ninguno de estos",
        "source": "Fuente: {source}.",
        "source.counterfactual": "Contrafactual: supuesto en este caso.",
        "source.assumption": "Supuesto: sin documentar.",
        "at_start": "{label}, al 1 de enero de 2009",
        "posterior.kept": "según la distribución posterior, un valor nuevo en cada corrida",
        "prior.kept": "según su distribución previa, un valor nuevo en cada corrida",
        "course.none": "siempre: {rest}",
        "course.never": "nunca",
        "course.from": "desde el {date}: {told}",
        "course.span": "del {first} al {last}",
        "course.open": "desde el {first}",
        "counterfactual": "Contrafactual",
        "documented": "Como está documentado",
        "choice.none": "sin orden",
        "choice.pact": "pacto",
        "choice.own": "orden propia de las pandillas",
        "choice.attack": "orden de atacar",
        "choice.any": "ninguna documentada",
        "choice.2010-09": "la de septiembre de 2010",
        "choice.2012-03": "la de marzo de 2012",
        "choice.2014-08": "la de agosto de 2014",
        "choice.2015-01": "la de enero de 2015",
        "choice.2015-11": "la de noviembre de 2015",
        "choice.2016-03": "la de marzo de 2016",
        "choice.hazard": "por azar, según el modelo",
        "choice.dated": "solo en los días fijados",
        "choice.sealed": "cerrado",
        "choice.cut": "sin sus voceros",
        "choice.barred": "reuniones prohibidas",
        "choice.open": "abierto",
        "choice.hostile": "hostil",
        "choice.neutral": "neutral",
        "choice.supportive": "favorable",
        "choice.neighbours": "vecinos de los que ya firmaron",
        "choice.violence": "los más violentos",
        "choice.random": "cualquiera",
        "lever.truce": "La tregua",
        "lever.extension": "Extensión a vecinos",
        "state.truce.0": "tregua, jefes comunicados",
        "state.truce.1": "tregua, jefes aislados",
        "state.truce.2": "sin tregua",
        "state.truce.3": "tregua, reuniones de los jefes prohibidas",
        "state.truce.4": "tregua, reuniones prohibidas y beneficios en prisión retirados",
        "state.truce.5": "tregua, también los voceros presos, sin beneficios",
        "state.truce.6": "tregua, jefes comunicados, sin beneficios",
        "case.changed": "{title}, con cambios",
        "case.story": "{story} Con cambios hechos en el taller, así que es un contrafactual: "
        "{told}",
        "zone.signs": "{place} firma el {date}",
        "zone.dropped": "{place} no firma",
        "zone.left_out": "Firmarían antes de que haya tregua, así que no firman: {places}",
        "departure.lever": "{lever}: el registro que se ajustó no tiene ningún ejemplo de esto; su "
        "fuerza viene de supuestos previos",
        "departure.parameter": "{label}: {value} está fuera del intervalo del 90% de la "
        "distribución posterior, de {low} a {high}",
        "departure.option": "{label}: nada se ajustó con este valor",
        "sure.same": "A y B son iguales en todas las corridas.",
        "sure.equal": "En {equal} de 100 corridas A y B son iguales; en {fewer} B tiene menos "
        "homicidios, en {more} más.",
        "sure.fewer": "En {share} de 100 corridas B tiene menos homicidios que A.",
        "sure.more": "En {share} de 100 corridas B tiene más homicidios que A.",
        "sure.one": "Elija un segundo caso para comparar.",
        "sure.difference.fewer": "{median} homicidios menos con B, {span} "
        "(90% de las corridas: {low} a {high}).",
        "sure.difference.more": "{median} homicidios más con B, {span} "
        "(90% de las corridas: {low} a {high}).",
        "sure.band.fewer": "{n} menos",
        "sure.band.more": "{n} más",
        "sure.band.equal": "ninguna diferencia",
        "likely.equal": "Según el modelo, casi siempre da igual",
        "likely.certain": "Según el modelo, casi seguro",
        "likely.very": "Según el modelo, muy probable",
        "likely.likely": "Según el modelo, probable",
        "likely.even": "El modelo no distingue cuál tiene menos",
        "runs": "{n} corridas pareadas",
        "run": "1 corrida pareada",
        "baseline.jan_feb_2012": "1 de enero a 8 de marzo de 2012, un pico",
        "baseline.2011": "El año 2011",
        "baseline.26_months": "Enero de 2010 a febrero de 2012",
        "baseline.no_truce": "Las corridas del propio modelo sin tregua",
        "problem.plain": "{detail}",
        "problem.control": "La página pidió algo que no existe; vuelva a cargarla.",
        "problem.steps": "Un control tiene {most} fechas como máximo.",
        "problem.same_day": "Dos fechas de un mismo control caen en el mismo día.",
        "problem.date": "«{text}» no es una fecha.",
        "problem.outside": "El {date} está fuera de la corrida, de {first} a {last}.",
        "problem.number": "«{text}» no es un número.",
        "problem.bounds": "{name}: debe estar entre {low} y {high}.",
        "problem.place": "Ningún municipio se llama así.",
        "problem.before_truce": "{place} no puede firmar el {date}: para entonces no hay tregua.",
        "problem.file": "No se aceptó el archivo: {detail}",
        "problem.large": "No se aceptó el archivo: tiene {size} bytes y se permiten {most}.",
        "problem.link": "No se pudo leer el enlace; la página muestra los casos iniciales: "
        "{detail}",
        "problem.run": "Algo falló en una corrida; la página sigue. Cambie el caso o vuelva a "
        "cargar. ({detail})",
        "problem.full": "El taller está lleno: {most} personas lo tienen abierto. Intente más tarde.",
        "page.title": "¿Qué habría pasado si…?",
        "page.kicker": "El Salvador 2009–2016 · la tregua entre pandillas de marzo de 2012 en un "
        "modelo",
        "page.lead": "Mueva una fecha, toque un municipio y vea qué dice el modelo, y qué tan "
        "seguro está.",
        "page.skip": "Saltar a la respuesta",
        "page.language": "Idioma",
        "page.copy": "Copiar enlace",
        "page.copied": "El enlace está en la barra de direcciones y se copió.",
        "page.no_link": "Un caso que viene de un archivo no cabe en un enlace: guárdelo como "
        "archivo.",
        "page.png": "Figura (PNG)",
        "page.svg": "Figura (SVG)",
        "page.report": "Informe",
        "page.report_coming": "Se prepara el informe; tarda unos segundos.",
        "page.report_busy": "Se está preparando otro informe. Intente de nuevo en un momento.",
        "page.report_made": "El informe se guardó como archivo.",
        "page.mode": "Modo taller",
        "page.mode_on": "Salir del modo taller",
        "page.mode_help": "Llama A, B y C a las pandillas, no muestra ninguna clica y deja que la "
        "gente estime primero.",
        "page.safety": "Antes de empezar",
        "page.safety_text": "Aquí se habla de personas que fueron asesinadas, y quizá alguien en "
        "la sala perdió a un ser querido. Dígalo al empezar, deje que quien quiera pueda salir y "
        "no pregunte quién conoce a quién. No hace falta nombrar a ninguna pandilla, clica o "
        "persona, y es mejor no hacerlo en voz alta. Nada de lo que la gente escribe se guarda.",
        "page.foot": "trucesim {version}. Corridas de un modelo, no pronósticos. Las clicas se "
        "ubican al azar en cada corrida: ningún punto del mapa dice dónde está una clica. Lugares "
        "y grupos, nunca personas.",
        "card.case": "Caso {side}",
        "card.base": "Parte de",
        "card.edit": "Cambiar este caso",
        "card.editing": "Se cambia abajo",
        "card.undo": "Deshacer",
        "card.reset": "Restablecer",
        "card.toml": "Guardar archivo",
        "card.upload": "Abrir archivo",
        "card.swap": "Intercambiar A y B",
        "card.story": "La historia",
        "card.differ": "En qué se diferencian",
        "card.same": "Los dos casos son iguales. Cambie uno para comparar.",
        "card.departures": "Más allá de lo que se ajustó",
        "desk.title": "Cambiar el caso {side}",
        "desk.which": "Qué caso",
        "desk.from": "desde",
        "desk.remove": "Quitar esta fecha",
        "desk.add": "Agregar una fecha",
        "desk.help": "¿Qué es esto? {label}",
        "desk.value": "{label}: valor desde el {date}",
        "desk.date": "{label}: fecha",
        "desk.aim": "La extensión a vecinos era una meta de la política, no una regularidad "
        "observada. Lo que el modelo dice de ella es un contrafactual.",
        "desk.more": "Más supuestos",
        "desk.apart": "También en este caso",
        "desk.zones": "Municipios libres de violencia",
        "desk.zone_help": "Toque un municipio en el mapa o elíjalo aquí. Firma en la fecha indicada, "
        "o deja de firmar. Fuente de los documentados: violence_free_municipalities.csv.",
        "desk.zone_date": "Los nuevos firman el",
        "desk.zone_place": "Municipio",
        "desk.zone_choose": "elegir …",
        "desk.zone_drop": "{place} ya no firma",
        "desk.zone_none": "Ningún municipio firma en este caso.",
        "answer.waiting": "Se hacen las primeras corridas …",
        "answer.progress": "{done} de {of} corridas pareadas",
        "answer.done": "{of} corridas pareadas: el mismo azar en ambos lados",
        "answer.hidden": "La respuesta está oculta hasta que hagan su estimación.",
        "answer.icons": "Cada punto es una de cien corridas: {fewer} con menos homicidios en B, "
        "{equal} con los mismos, {more} con más",
        "answer.caveat": "En el modelo, y si sus supuestos se cumplen. En qué se equivoca está en "
        "«¿Por qué creerlo?».",
        "answer.counterfactual": "{side} es un contrafactual: nadie lo ha observado.",
        "answer.legend.fewer": "menos en B",
        "answer.legend.equal": "igual",
        "answer.legend.more": "más en B",
        "map.title": "Dónde",
        "map.view": "Qué muestra el mapa",
        "map.a": "Caso A",
        "map.b": "Caso B",
        "map.difference": "A − B",
        "map.month": "Mes",
        "map.play": "Reproducir",
        "map.pause": "Pausa",
        "map.span": "Lapso",
        "map.span.1": "un mes",
        "map.span.12": "doce meses",
        "map.rate": "Homicidios por 100,000 habitantes al año, media de las corridas",
        "map.rate_difference": "A menos B, homicidios por 100,000 habitantes al año, media de las "
        "corridas",
        "map.fewer_b": "menos en B",
        "map.fewer_a": "menos en A",
        "map.zone_a": "firmó en A",
        "map.zone_b": "firmó en B",
        "map.placement": "Cómo se ubican las clicas",
        "map.placement.class": "con la clase de tasa de 2015",
        "map.placement.departments": "solo población y departamentos de 2010",
        "map.note": "Simulado, no observado. Los resultados por municipio descansan en la clase de "
        "tasa de 2015, posterior a la tregua; la otra ubicación no la usa. Población de 2007. "
        "Teselas a 1 km.",
        "map.hover.rate": "tasa en {side}",
        "map.hover.difference": "A − B",
        "map.zone.never": "no ha firmado",
        "map.zone.some": "libre de violencia en {share} de las corridas de {side}",
        "map.alt": "Mapa de los 262 municipios. La misma elección se ofrece en una lista al lado.",
        "series.title": "Cuándo",
        "series.axis": "Homicidios por mes",
        "series.observed": "Observado",
        "series.band": "90% de las corridas",
        "series.events": "Hechos con fecha",
        "series.alt": "Homicidios por mes, observados y simulados en ambos casos, con bandas.",
        "series.only": "solo en {side}",
        "tab.numbers": "Los números",
        "tab.why": "¿Por qué creerlo?",
        "numbers.yearly": "Homicidios registrados por año",
        "numbers.year": "Año",
        "numbers.all": "Todos los años",
        "numbers.observed": "Observado",
        "numbers.averted": "A − B",
        "numbers.sure": "menos en B",
        "numbers.of_100": "{share} de 100",
        "numbers.interval": "mediana y 90% de las corridas",
        "numbers.reductions": "Toda reducción depende de su base de comparación",
        "numbers.window": "Homicidios evitados y reducción, {span}",
        "numbers.baseline": "En comparación con",
        "numbers.range": "{low} a {high}",
        "numbers.coming": "Las tablas aparecen cuando estén todas las corridas.",
        "why.fitted": "Qué se ajustó y cómo le fue",
        "why.fitted_text": "Los parámetros se eligieron con los meses nacionales de 2009 a 2016 y "
        "{n} estadísticas más, según un plan fijado de antemano y revisado una vez tras ajustes de prueba; no se ve nada "
        "posterior a "
        "2016. Los controles se conocían pero no se usaron. «Acierta» quiere decir: el valor "
        "observado está en el intervalo del 90% de las corridas, y ese intervalo no es más ancho "
        "que el valor. Escenario: el registro, con las respuestas de las pandillas en sus días "
        "documentados.",
        "why.use.fit": "Ajustados",
        "why.use.check": "Controles, sin ajustar",
        "why.right": "acierta {right} de {of}",
        "why.pattern": "Qué",
        "why.observed": "Observado",
        "why.simulated": "Simulado, 90% de las corridas",
        "why.ratio": "Simulado ÷ observado",
        "why.yes": "acierta",
        "why.no": "falla",
        "why.wide": "demasiado ancho para contar",
        "why.forecasts": "¿Pronostica?",
        "why.forecasts_text": "Cada bloque de meses se predijo con un ajuste que no lo vio; 2017 a "
        "2019, a los que no se ajustó nada, con el de 2009 a 2016. Desde el primer día de un "
        "bloque las órdenes de las pandillas surgen solas, como el modelo las genera. Al lado está "
        "el mejor de varios pronósticos ingenuos, escogido después. Un pronóstico queda superado "
        "si su distribución entera está más lejos de lo observado (CRPS). La primera generación se "
        "ajustó hasta junio de 2013; su pronóstico sigue como estaba en "
        "experiments/validation/first-generation.",
        "why.pooled": "Los primeros cuatro bloques juntos",
        "why.unseen": "{span}, nunca ajustado",
        "why.none": "Esta copia de trucesim viene sin los resultados de su validación: véase "
        "experiments/validation en sus fuentes.",
        "why.window": "Meses",
        "why.mae": "Error medio del modelo, homicidios por mes",
        "why.naive": "Error medio del mejor pronóstico ingenuo",
        "why.coverage": "Meses dentro del intervalo del 90%",
        "why.beats": "Pronósticos ingenuos que supera",
        "why.beaten": "{beaten} de {of}",
        "why.wrong": "En qué se equivoca el modelo",
        "why.aim.patterns_inside": "Patrones dentro de su intervalo del 90%: {value}, y se "
        "buscaba {low} o más.",
        "why.aim.patterns_counted": "Patrones en los que acierta: {value}, y se buscaba {low} o "
        "más.",
        "why.aim.months_inside": "Meses de 2009 a 2016 dentro de su intervalo del 90%, con el "
        "ajuste: {value}, y se buscaba de {low} a {high}.",
        "why.aim.blocks_inside": "Meses de los bloques dentro de su intervalo del 90%: {value}, y "
        "se buscaba {low} o más.",
        "why.aim.blocks_crps": "En los primeros cuatro bloques no pronostica mejor que un "
        "pronóstico ingenuo, «{of}» (CRPS {value}; el ingenuo, {high}).",
        "why.aim.later_crps": "En {of} no pronostica mejor que el mejor pronóstico ingenuo (CRPS "
        "{value}; el ingenuo, {high}).",
        "why.outside.low": "Muy bajo en el modelo, lo observado fuera del intervalo: {names}.",
        "why.outside.high": "Muy alto en el modelo, lo observado fuera del intervalo: {names}.",
        "why.wrong.identified": "Lo ajustado no permite identificar la mayoría de los parámetros: "
        "se quedan donde se supusieron.",
        "why.wrong.places": "Los resultados por municipio descansan en la clase de tasa de 2015, "
        "posterior a la tregua. Las clicas se ubican al azar: ningún punto del mapa dice dónde hay una.",
        "why.leaving": "¿Se sale algún caso de lo que se ajustó?",
        "why.leaving_text": "Se ajustó lo que ocurrió de 2009 a 2016: lo que no ocurrió queda "
        "fuera. Además:",
        "why.within": "Nada de lo que se cambió va más allá.",
        "why.assumptions": "De dónde viene cada número; cámbielo para el caso {side}",
        "why.assumptions_text": "Un valor puesto aquí vale en todas las corridas de ese caso; si lo "
        "suelta, cada corrida toma uno nuevo según la distribución posterior.",
        "why.kind.uncertain": "Lo que nadie sabe",
        "why.kind.lever": "Lo que alguien puede decidir",
        "why.kind.fixed": "Lo que se da por sabido",
        "why.quantity": "Cantidad",
        "why.known": "Mediana, 90%",
        "why.from_prior": "de su distribución previa: la posterior no lo incluye",
        "why.bounds": "Permitido",
        "why.origin": "Fuente",
        "why.value": "Valor fijado",
        "why.release": "Soltar",
    },
}


class Problem(InputError):
    """An input that a person can mend, told in both languages.

    Parameters
    ----------
    key : str
        Of the text.
    **fields : object
        What fills it in: days, numbers and declared quantities are written as the language does.
    """

    def __init__(self, key: str, **fields: object) -> None:
        self.key, self.fields = key, fields
        super().__init__(self.told("en"))

    def told(self, lang: str) -> str:
        """Say what is wrong."""
        return say(lang, self.key, **{name: _filled(x, lang) for name, x in self.fields.items()})


def problem_told(error: InputError, key: str, lang: str) -> str:
    """Say what is wrong with an input; what was not written for people in both languages, as is."""
    detail = error.told(lang) if isinstance(error, Problem) else str(error)
    return say(lang, key, detail=detail)


def _filled(value: object, lang: str) -> str:
    if isinstance(value, dt.date):
        return date(value, lang)
    if isinstance(value, Parameter):
        return value.label(lang)
    if isinstance(value, int | float):
        return short(value, lang)
    return str(value)


def say(lang: str, key: str, **fields: Any) -> str:
    """Give a text in a language, with its fields filled in.

    Raises
    ------
    KeyError
        No such text: a slip in the code, which the tests find.
    """
    text = TEXT[lang][key]
    return text.format(**fields) if fields else text


GANG_NAMES = {
    "en": (("MS-13's", "gang A's"), ("MS-13", "gang A"), ("Barrio 18's", "gangs B and C's"),
           ("both factions of Barrio 18", "gangs B and C"), ("Barrio 18", "gangs B and C"),
           ("Sureños", "gang B"), ("Revolucionarios", "gang C")),
    "es": (("las dos facciones del Barrio 18", "las pandillas B y C"), ("de la MS-13", "de la pandilla A"),
           ("la MS-13", "la pandilla A"), ("MS-13", "pandilla A"), ("del Barrio 18", "de las pandillas B y C"),
           ("el Barrio 18", "las pandillas B y C"), ("Barrio 18", "pandillas B y C"),
           ("los Sureños", "la pandilla B"), ("Sureños", "pandilla B"), ("Revolucionarios", "pandilla C")),
}  # fmt: skip
"""What the gangs are called in workshop mode, longer names first."""


class Naming(Protocol):
    """What says how gangs are named: a session."""

    lang: str
    mode: str


def named(text: str, session: Naming) -> str:
    """Give a text as it may be shown: in workshop mode the gangs are A, B and C."""
    if session.mode == "workshop":
        for name, other in GANG_NAMES[session.lang]:
            text = text.replace(name, other)
    return text


def shown(lang: str, key: str, **fields: Any) -> str:
    """Give a text for HTML: what is filled in is escaped, the text itself is the package's own."""
    return say(lang, key, **{name: escape(str(value)) for name, value in fields.items()})


def date(day: dt.date, lang: str) -> str:
    """Write a day."""
    return f"{day.day} {month(day, lang)}"


def runs(count: int, lang: str) -> str:
    """Say how many paired runs there are."""
    return say(lang, "run") if count == 1 else say(lang, "runs", n=number(count, lang))
