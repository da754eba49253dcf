"""What people of the demo wrote into the page."""

SERVICE = """# Service

It answers one question: is this message spam? 40 requests a second at noon, one every minute at night.
"""
RELEASE_PLAN = """# Release plan

1. One percent of the traffic for ten minutes.
2. Ten percent for half an hour, then half.
3. Back to the version before: one command, 40 seconds when we tried it.
"""
RUN_BOOK = """# Run book

## When answers are slow
Look at the queue first; then restart the scorer.

## The four numbers
Requests, errors, delay, age of the features.
"""
OVERVIEW = """# Architecture overview

## 1 Components
Feature store, model registry, scorer, monitor.

## 2 Who talks to whom
The scorer asks the store; nobody asks the scorer twice for one event.
"""
OVERVIEW_MORE = """
## 3 The registry
The registry holds the contract, not the model: names and types of what goes in and out, and who promised it.
"""
