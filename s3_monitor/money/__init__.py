"""Storage types, list prices, and what bytes cost: pure, in Decimal. Imports model only."""
