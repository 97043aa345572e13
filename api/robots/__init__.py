"""Chats and addresses that the hub speaks to, never the other way round: what to post where, and one sender.

A robot is one value in `kinds.KINDS`; who has something to say hands over a `Message` and never sees a platform.
"""
