"""Who people are: identities, checks of what is said of them, saving and merging."""
