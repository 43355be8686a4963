"""The pages of accounts: how people sign in on another device, and how they set that up."""
