"""Picking from devices: push, carry, pull, settle. The fold in `sync` decides; the order's own room applies it;
this edge takes ops in, stores them before they are judged, and gives every op its one answer.
"""
