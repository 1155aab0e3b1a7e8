"""Billing and Storage Lens exports."""
