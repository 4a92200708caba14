"""How much may go out and come in, and how much did.

- `pacing`: how fast a channel sends: the engine's limits with what the channel overrides. The worker keeps to it.
- `daily`: how many messages a channel sends per day (UTC). A send beyond that is refused at once.
- `budgets`: how many new people may be written to in 24 hours, per channel or per portfolio of channels.
- `rate_limit`: how often a sensitive operation (login, delete) may be tried, by whatever key.
- `usage`: how many messages went out and came in, by day, channel, template, tag, campaign or category.
- `response_times`: how long people waited for an answer, by agent, team, channel or day.
- `api_use`: how often each operation of an API was called, per workspace and day.
"""
