pytest_plugins = ["pytest_signet", "pytester"]
