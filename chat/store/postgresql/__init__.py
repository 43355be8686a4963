"""The store on PostgreSQL, for a chat of many people or on several machines."""
