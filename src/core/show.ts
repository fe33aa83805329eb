import type { Notice } from './notice.ts'
import type { ChatAdapter, Log } from './ports.ts'
import type { MessageRef, Platform } from './request.ts'
import type { Run } from './run.ts'
import { askingNotice } from './run-card.ts'

/** The chats, by platform. */
export type Doors = { adapters: ReadonlyMap<Platform, ChatAdapter>; log: Log }

/** Replaces a message's content. What the chat doesn't take is logged: what was decided holds all the same. */
export async function show(doors: Doors, message: MessageRef, notice: Notice): Promise<void> {
  const adapter = doors.adapters.get(message.platform)
  await adapter?.edit(message, notice).catch((error: unknown) => {
    doors.log.warn({ error: String(error), notice: notice.kind }, 'a message could not be brought up to date')
  })
}

/** Brings every message that shows a request for approval up to date; the one of a run that goes on is not touched. */
export async function showRequest(doors: Doors, run: Run, now: string): Promise<void> {
  if (run.approval === undefined) return
  const notice = askingNotice(run, run.approval, now)
  const own = run.state === 'queued' ? [] : [run.message]
  for (const message of [...own, ...run.approval.cards]) await show(doors, message, notice)
}
