"""Budgets and rules that a report is checked against. Pure."""
