"""The customer's page: one unguessable link an order, server-rendered, working without any script."""
