import { type Platform, platforms } from '#core/people/platforms'
import { chatSetups } from './chat-adapters.ts'

/** Text of a command, and whether `&`, `<` and `>` are entities in it, as Slack writes them. */
export type CommandText = { text: string; entities: boolean }

/**
 * Reads a message's text as the bot does where it comes from this platform: without the mention, with links and entities as they were typed. Of
 * Slack, `text` of an event or a slash command; of Teams, `text` of an activity or the HTML of its attachment. Other platforms send what was typed.
 */
export function readTypedText(text: string, platform: Platform): CommandText {
  return { text: chatSetups[platform].typedText?.(text) ?? text, entities: platforms[platform].entities === true }
}
