"""The six steps of a turn, one file each: triage, classify, recall, respond, guard, offer."""
