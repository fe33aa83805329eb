import type { TimelineMessage } from '#core/messages/message'
import { channelText } from '#core/messages/thread-ref'
import { toolsOf } from '#core/policy/permissions'
import { isInThread } from '#core/ports/chat'
import { runRetentionSeconds } from '#core/runs/run'
import { timelineJson, timelineMarkdown } from '#core/timeline/timeline'
import { defined } from '#core/util/defined'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext } from '#src/bot/context'
import type { CommandOf } from '#src/command/words/table'
import { readTimeline } from './read-timeline.ts'

/** Seconds back in a channel, where no time is given; in a thread, as long as runs are stored. */
const usualSeconds = 24 * 3_600

/** Shows what happened in the channel or thread, with files for the post-mortem, to those who may run anything. */
export async function showTimeline(
  context: BotContext,
  ctx: CommandContext,
  { since: asked }: CommandOf<'timeline'>,
): Promise<void> {
  const now = context.now()
  if (toolsOf(ctx.person, context.rules().policy, now.toISOString()).size === 0) {
    const message = 'You have no access yet, so you may not see what others ran. `whoami` tells you whom to ask.'
    await ctx.reply({ kind: 'refused', typed: ctx.typed.text, message })
    return
  }
  const { thread: root, ...channel } = ctx.inbound.thread
  const place = { ...channel, ...(isInThread(ctx.inbound) ? defined({ thread: root }) : {}) }
  const seconds = asked ?? (place.thread === undefined ? usualSeconds : runRetentionSeconds)
  const timeline = await readTimeline(context, place, new Date(now.getTime() - seconds * 1_000))
  const { since, entries, cut } = timeline
  const adapter = context.adapters.get(place.platform)
  const takesFiles = (adapter?.limits.fileBytes ?? 0) > 0
  const hasFiles = takesFiles && entries.length > 0
  const message: TimelineMessage = {
    ...{ kind: 'timeline', where: place.thread === undefined ? channelText(place) : 'this thread' },
    ...{ since, entries, cut, filesRefused: !takesFiles },
    files: hasFiles ? ['timeline.md', 'timeline.json'] : [],
  }
  const shown = await ctx.reply(message)
  if (adapter === undefined || !hasFiles) return
  try {
    const title = 'Timeline'
    await adapter.attach(shown, { name: 'timeline.md', title, text: timelineMarkdown(timeline) })
    await adapter.attach(shown, { name: 'timeline.json', title, text: timelineJson(timeline) })
  } catch (error) {
    context.log.warn({ command: ctx.id, error: String(error) }, 'the files of a timeline could not be attached')
    await ctx.reply({ ...message, files: [], filesRefused: true })
  }
}
