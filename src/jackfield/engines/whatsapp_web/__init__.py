"""WhatsApp Web: paired phones through neonize, each in a supervised process apart from the server.

Unofficial: it speaks as a linked device does, which WhatsApp's terms do not allow for automation, and which can cost
the number. The server process itself never loads neonize; only the child processes do.
"""
