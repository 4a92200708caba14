"""Where people work: chats, notes, tickets."""
