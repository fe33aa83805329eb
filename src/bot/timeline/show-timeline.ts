import type { TimelineMessage } from '#core/messages/message'
import { isInThread } from '#core/ports/chat'
import { runRetentionSeconds } from '#core/runs/run'
import { timelineFiles } from '#core/timeline/format-timeline'
import { defined } from '#core/util/defined'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext } from '#src/bot/context'
import type { CommandOf } from '#src/command/words/all-words'
import { readTimeline } from './read-timeline.ts'
import { linkToTimeline, mayReadTimelines, noAccess, placeText } from './timeline-web-page.ts'

/** Seconds back in a channel, where no time is given; in a thread, as long as runs are stored. */
const usualSeconds = 24 * 3_600

/** Shows what happened in the channel or thread, with files for the post-mortem, to those who may run anything. */
export async function showTimeline(
  context: BotContext,
  ctx: CommandContext,
  { since: asked, page }: CommandOf<'timeline'>,
): Promise<void> {
  const now = context.now()
  if (!mayReadTimelines(context, ctx.person)) {
    await ctx.reply({ kind: 'refused', typed: ctx.typed.text, message: noAccess })
    return
  }
  const { thread: root, ...channel } = ctx.inbound.thread
  const place = { ...channel, ...(isInThread(ctx.inbound) ? defined({ thread: root }) : {}) }
  const seconds = asked ?? (place.thread === undefined ? usualSeconds : runRetentionSeconds)
  const start = new Date(now.getTime() - seconds * 1_000)
  if (page === true) {
    await ctx.reply(await linkToTimeline(context, ctx, place, start))
    return
  }
  const timeline = await readTimeline(context, place, start)
  const { since, entries, cut } = timeline
  const adapter = context.adapters.get(place.platform)
  const takesFiles = (adapter?.limits.fileBytes ?? 0) > 0
  const files = takesFiles && entries.length > 0 ? timelineFiles(timeline) : []
  const message: TimelineMessage = {
    ...{ kind: 'timeline', where: placeText(place) },
    ...{ since, entries, cut, filesRefused: !takesFiles, hasPages: context.pages !== undefined },
    files: files.map(({ name }) => name),
  }
  const shown = await ctx.reply(message)
  if (adapter === undefined || files.length === 0) return
  try {
    for (const file of files) await adapter.attach(shown, { ...file, title: 'Timeline' })
  } catch (error) {
    context.log.warn({ command: ctx.id, error: String(error) }, 'the files of a timeline could not be attached')
    await ctx.reply({ ...message, files: [], filesRefused: true })
  }
}
