import type { Platform } from '../people/platforms.ts'

/** Where a reply is posted. `team` is the workspace or tenant, `thread` the id of the thread's first message. */
export type ThreadRef = { platform: Platform; team: string; channel: string; thread?: string }

/** Reference to a message that the bot posted: plain data, so that any process can edit the message. */
export type MessageRef = { platform: Platform; team: string; channel: string; message: string; thread?: string }

/** Returns a reference with an empty message id, for a run that has no message yet. */
export function noMessage({ platform, team, channel }: ThreadRef): MessageRef {
  return { platform, team, channel, message: '' }
}

/** Returns the thread that a message is in, or that replies to it are in. */
export function threadUnder({ platform, team, channel, thread, message }: MessageRef): ThreadRef {
  return { platform, team, channel, thread: thread ?? message }
}

/** Returns where a message is, for another one in its place. */
export function placeOf({ message: _message, ...place }: MessageRef): ThreadRef {
  return place
}

/** Returns the name of a channel in a grant's `in`: `slack:channel/C0INCIDENT`. */
export function channelText(thread: ThreadRef): string {
  return `${thread.platform}:channel/${thread.channel}`
}

/** Reads the name of a channel in a grant's `in`; undefined for another text. The team is left open: an adapter knows its own. */
export function parseChannel(name: string): { platform: string; channel: string } | undefined {
  const [, platform, channel] = /^(\w+):channel\/(.+)$/.exec(name) ?? []
  return platform === undefined || channel === undefined ? undefined : { platform, channel }
}

/** Returns true for two places in the same channel, whichever their threads. */
export function isSameChannel(one: Omit<ThreadRef, 'thread'>, other: Omit<ThreadRef, 'thread'>): boolean {
  return one.platform === other.platform && one.team === other.team && one.channel === other.channel
}
