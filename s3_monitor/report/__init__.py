"""The outputs of a report: data files, pages and charts. Only the commands import this package."""
