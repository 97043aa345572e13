"""Who: users and their rights, sessions and tokens, devices, customers. Guards live here."""
