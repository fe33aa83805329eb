import type { Message } from '#core/messages/message'
import { renderTimeline } from '#core/messages/render-timeline'
import { noPages, type PageGrant, type RunPage } from '#core/messages/run-page'
import { channelText, type ThreadRef } from '#core/messages/thread-ref'
import type { Principal } from '#core/people/principal'
import { toolsOf } from '#core/policy/permissions-of-person'
import { entryText, timelineFiles } from '#core/timeline/format-timeline'
import type { Instant } from '#core/util/instant'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext } from '#src/bot/context'
import { readTimeline, type TimelineContext } from './read-timeline.ts'

export const noAccess = 'You have no access yet, so you may not see what others ran. `whoami` tells you whom to ask.'

/** Returns true for people who may run anything at all: they may read what was shown in a channel that they are in. */
export function mayReadTimelines({ rules, now }: Pick<BotContext, 'rules' | 'now'>, person: Principal): boolean {
  return toolsOf(person, rules().policy, now().toISOString()).size > 0
}

/** Returns a link to the page of a timeline that only the person who asks for it can use. */
export async function linkToTimeline(
  { pages }: Pick<BotContext, 'pages'>,
  { id, person, inbound, typed }: Pick<CommandContext, 'id' | 'person' | 'inbound' | 'typed'>,
  place: ThreadRef,
  since: Date,
): Promise<Message> {
  if (pages === undefined) return { kind: 'refused', typed: typed.text, message: noPages }
  const by = { id: person.id, name: person.name }
  const timelineSince = since.toISOString()
  const link = await pages.link({ run: id, by, account: inbound.account, thread: place, timelineSince })
  return { kind: 'link', run: id, who: person.name, link, timeline: true }
}

/** Returns the page of a timeline: all events that are stored now, and its files. */
export async function timelinePage(
  context: TimelineContext,
  { thread }: Pick<PageGrant, 'thread'>,
  since: Instant,
): Promise<RunPage> {
  const timeline = await readTimeline(context, thread, new Date(since))
  const { entries, cut } = timeline
  const shown = { kind: 'timeline' as const, where: placeText(thread), since, entries, cut }
  return {
    words: renderTimeline({ ...shown, files: [], filesRefused: false, hasPages: true }),
    output: entries.map((entry) => `${entryText(entry)}\n`).join(''),
    files: timelineFiles(timeline),
    trail: [],
  }
}

/** Names a place as the message of its timeline does. */
export function placeText(place: ThreadRef): string {
  return place.thread === undefined ? channelText(place) : 'this thread'
}
