"""What is shown: data files, pages, charts. A leaf: nothing of ours but the commands imports it."""
