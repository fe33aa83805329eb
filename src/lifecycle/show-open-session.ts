import { sessionMessage } from '#core/messages/session-message'
import { type Store, verified } from '#core/ports/store'
import type { Run } from '#core/runs/run'
import { type MessageContext, updateMessage } from './update-message.ts'

/**
 * Shows an open session in its message as it is stored now. It may end meanwhile: its end is shown again where this edit
 * may have replaced it.
 */
export async function showOpenSession(
  context: MessageContext & { store: Pick<Store, 'run'>; now: () => Date },
  { id }: Pick<Run, 'id'>,
): Promise<void> {
  const now = context.now().toISOString()
  const current = async () => verified(await context.store.run(id))
  const before = await current()
  if (before?.state !== 'running') return
  await updateMessage(context, before.message, sessionMessage(before, now))
  const after = await current()
  if (after?.end !== undefined) await updateMessage(context, after.message, sessionMessage(after, now))
}
