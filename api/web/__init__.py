"""What HTTP needs and no feature owns: problem+json, limits, headers, idempotency, the page shell's assets."""
