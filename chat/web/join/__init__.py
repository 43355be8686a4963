"""The links of invitations."""
