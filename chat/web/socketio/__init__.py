"""Socket.IO: pages and programs that speak it take part as people of the chat."""
