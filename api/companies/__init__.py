"""Many companies from one set of nodes: one door in front, behind it a whole app for each, with nothing in common but the
process and the app's files. A host name that is no company's is refused.
"""
