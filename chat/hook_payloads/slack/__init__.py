"""The JSON of Slack and Mattermost: text, attachments, Block Kit."""
