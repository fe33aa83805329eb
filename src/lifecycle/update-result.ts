import type { ChatLimits } from '#core/messages/chat-limits'
import type { EndedMessage } from '#core/messages/message'
import { fileOf, resultMessage } from '#core/messages/result-message'
import { rootMessage } from '#core/messages/run-card'
import type { Store } from '#core/ports/store'
import type { Catalogue } from '#core/request/tool'
import type { End, Run } from '#core/runs/run'
import { type MessageContext, updateMessage } from './update-message.ts'
import { loadVerifiedOutput } from './verify-output.ts'

/**
 * Shows a run's delivered result again, after something about it has changed: in its message, and in its thread. Returns
 * false where the chat may accept it later.
 */
export async function updateResult(
  context: MessageContext & { store: Pick<Store, 'storedOutput'>; catalogue: Catalogue },
  run: Run,
  end: End,
): Promise<boolean> {
  const limits = context.adapters.get(run.message.platform)?.limits
  if (limits === undefined) return true
  const stored = await loadVerifiedOutput(context.store, run)
  const result = resultMessage(run, end, stored, limits.outputChars, context.catalogue)
  const notice: EndedMessage = { ...result, ...shownFile(run, result, stored.size, limits) }
  const isShown = await updateMessage(context, run.message, rootMessage(run, notice))
  if (run.outputMessage === undefined) return isShown
  return (await updateMessage(context, run.outputMessage, { ...notice, part: 'thread' })) && isShown
}

/** Returns what the message says about the file with the whole output, as far as it was attached. */
function shownFile(run: Run, { output }: EndedMessage, size: number, limits: ChatLimits): { file?: string } {
  const { file } = fileOf(run, output, size, limits)
  return file !== undefined && run.attached?.includes(file) === true ? { file } : {}
}
