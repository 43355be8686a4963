"""How people come in: invitations, knocks, and the one entrance that all ways use."""
