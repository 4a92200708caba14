"""Names, numbers and addresses of contacts and chats, found by any part of them: the index, and what asks it."""
