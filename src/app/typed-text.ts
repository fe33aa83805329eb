import { typedText as slackText } from '#adapters/slack/typed-text'
import { typedText as teamsText } from '#adapters/teams/typed-text'
import type { Platform } from '#core/people/principal'

/** Text of a command, and whether `&`, `<` and `>` are entities in it, as Slack writes them. */
export type CommandText = { text: string; entities: boolean }

/**
 * Reads a message's text as the bot does where it comes from this platform: without the mention, with links and entities as they were typed. Of
 * Slack, `text` of an event or a slash command; of Teams, `text` of an activity or the HTML of its attachment. Other platforms send what was typed.
 */
export function readTypedText(text: string, platform: Platform): CommandText {
  if (platform === 'slack') return { text: slackText(text).text, entities: true }
  if (platform === 'teams')
    return { text: teamsText({ text, recipient: { id: '', name: 'retina' } }).text, entities: false }
  return { text, entities: false }
}
