import type { Platform } from './principal.ts'

/** Where an answer belongs. `team` is the workspace or tenant, `thread` the message that it hangs under. */
export type ThreadRef = { platform: Platform; team: string; channel: string; thread?: string }

/** One message that the bot wrote: plain data, so that any process may edit it. */
export type MessageRef = { platform: Platform; team: string; channel: string; message: string; thread?: string }

/** Reference to no message, for a run that has none yet. */
export function noMessage({ platform, team, channel }: ThreadRef): MessageRef {
  return { platform, team, channel, message: '' }
}

/** `slack:channel/C0INCIDENT`: how a grant's `in` names a channel. */
export function channelText(thread: ThreadRef): string {
  return `${thread.platform}:channel/${thread.channel}`
}
