"""Who calls the node and what they may do: users, passwords, certificates and rights."""
