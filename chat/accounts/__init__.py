"""Accounts: how people sign in on another device than their first one."""
