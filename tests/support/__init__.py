"""What tests share: processes to look at, oracles, and ways to run the command."""
