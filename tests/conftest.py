"""What all tests share: properties are checked without a stopwatch, on machines of any speed."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
