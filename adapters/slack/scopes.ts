/** Scopes of a bot token that the adapter uses: those of deploy/slack/manifest.yaml. */
export const botScopes = [
  ...['app_mentions:read', 'chat:write', 'commands', 'files:write', 'im:history'],
  ...['usergroups:read', 'users:read', 'users:read.email'],
]
