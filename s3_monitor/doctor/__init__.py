"""The check of permissions: what credentials may do, and what is missing for each option."""
