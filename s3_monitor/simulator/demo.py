"""The demo's account."""

from datetime import date

from s3_monitor.simulator.accounts import Account
from s3_monitor.simulator.random_account import random_account


def demo_accounts(today: date | None = None) -> tuple[Account, ...]:
    return (random_account(1, 40, today=today),)
