"""How a company begins: the demo as pure values (company, history) and what puts it, or a real one, into the database."""
