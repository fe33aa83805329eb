/** Returns what a person can do where the bot may not post. Ids of direct messages begin with D. */
export function notInChannelText(channel: string): string {
  return channel.startsWith('D') ? betweenPeople : elsewhere
}

// An app can't be invited to a direct message between people. Source: slack-ruby/slack-ruby-client#227.
const betweenPeople =
  "I can't post in a direct message between other people, and can't be invited to it, so nothing was run. Send the command to me in a direct message, or in a channel that I'm in."

const elsewhere =
  "I can't post here, so nothing was run. In a channel, invite me with `/invite @retina`, then try again; in a direct message of several people, send the command to me in a direct message instead."
