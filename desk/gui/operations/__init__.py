"""Operations: how the read model is, what could not be done, and what can be done about it."""
