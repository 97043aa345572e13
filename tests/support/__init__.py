"""What tests share: a small company, a clock that they move, a client by role, a real server on loopback."""
