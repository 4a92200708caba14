"""How much may go out and come in: pacing, daily caps, budgets of new people, rate limits, usage."""
