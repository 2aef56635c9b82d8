"""What an install needs at the cloud before its functions run, and taking it down again."""
