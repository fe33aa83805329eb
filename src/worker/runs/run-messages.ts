import type { EndedMessage, Message, ProgressMessage } from '#core/messages/message'
import { hasThreadPart } from '#core/messages/root-and-thread-view'
import { type MessageRef, placeOf, threadUnder } from '#core/messages/thread-ref'
import type { ChatAdapter } from '#core/ports/chat'
import type { Run } from '#core/runs/run'

/** The part of a run that says where its messages are. */
export type ShownRun = Pick<Run, 'message' | 'threaded' | 'outputMessage'> & {
  request: Pick<Run['request'], 'account' | 'thread'>
}

/** References of a run's messages, as they are stored for all workers. */
export type StoredRefs = {
  /** Stores the reference of the message that replaces the run's own. */
  saveMessage: (ref: MessageRef) => Promise<void>
  /**
   * Posts the output message by `post` and stores its reference, or returns that of a message which another worker has
   * posted. `gone`: reference of a message that takes no edits any more. Rejects while another worker posts it.
   */
  postOutputMessage: (post: () => Promise<MessageRef>, gone: MessageRef | undefined) => Promise<MessageRef>
}

/**
 * Makes one request until the platform accepts it. Resolves with undefined where it never will; rejects where it takes
 * too long.
 */
export type RetryRequest = <T>(request: () => Promise<T>) => Promise<{ value: T } | undefined>

/** The messages of a run: one that shows everything, or a root in the channel and the output in its thread. */
export type RunMessages = {
  /** Shows progress by one request. Resolves with true where another one is needed to show all of it. */
  progress: (view: ProgressMessage) => Promise<boolean>
  /**
   * Shows the ending: in the thread first, because the root then says whether it is there. What a message can't show,
   * because it was deleted or its thread is closed, another one shows. Resolves with false where nothing can.
   */
  ending: (view: EndedMessage, retry: RetryRequest) => Promise<boolean>
  /** Shows a changed ending where the ending was shown with its output. */
  amend: (view: EndedMessage) => Promise<void>
  /** Returns the message in whose thread files of the run are attached. */
  attachTo: () => MessageRef
}

/**
 * Creates the messages of a run. A new reference is stored before anything else is done: a worker that adopts the run then
 * edits that message instead of posting another one.
 */
export function createRunMessages(adapter: ChatAdapter, run: ShownRun, refs: StoredRefs): RunMessages {
  const isThreaded = run.threaded === true
  let { message: root, outputMessage } = run
  let goneMessage: MessageRef | undefined
  let rootShows: Message['kind'] | undefined
  let shownBytes: number | undefined
  /** True where one message shows everything, because the thread takes none. */
  let isWhole = !isThreaded

  const showInThread = async (view: ProgressMessage): Promise<void> => {
    const part = { ...view, part: 'thread' as const }
    if (outputMessage === undefined) {
      let isShown = false
      const post = async () => {
        const posted = await adapter.post(threadUnder(root), part)
        isShown = true
        return posted
      }
      outputMessage = await refs.postOutputMessage(post, goneMessage)
      if (isShown) return
    }
    await adapter.edit(outputMessage, part)
  }

  const progress: RunMessages['progress'] = async (view) => {
    if (!isThreaded) {
      await adapter.edit(root, view)
      return false
    }
    const isRootStale = rootShows !== view.kind
    const bytes = view.kind === 'running' ? view.output.bytes : 0
    const isFirstOutput = bytes > 0 && shownBytes === undefined
    if (isRootStale && !isFirstOutput) {
      await adapter.edit(root, { ...view, part: 'root' })
      rootShows = view.kind
      return bytes !== (shownBytes ?? 0)
    }
    if (bytes === 0) return false
    await showInThread(view)
    shownBytes = bytes
    return isRootStale
  }

  /** Shows the ending with its output in the thread; in a new message where the old one is gone. */
  const endThread = async (view: EndedMessage, retry: RetryRequest): Promise<boolean> => {
    const isShown = (await retry(() => showInThread(view))) !== undefined
    if (isShown || outputMessage === undefined) return isShown
    goneMessage = outputMessage
    outputMessage = undefined
    return (await retry(() => showInThread(view))) !== undefined
  }

  const postElsewhere = async (view: EndedMessage, retry: RetryRequest): Promise<boolean> => {
    const place = placeOf(root)
    const { account } = run.request
    const posted =
      (await retry(() => adapter.post(place, view))) ?? (await retry(() => adapter.postDirect(place, account, view)))
    if (posted === undefined) return false
    root = posted.value
    isWhole = true
    if (root.message !== '') await refs.saveMessage(root)
    return true
  }

  return {
    progress,
    async ending(view, retry) {
      isWhole = !isThreaded || (hasThreadPart(view) && !(await endThread(view, retry)))
      const shown: EndedMessage = isWhole ? view : { ...view, part: 'root' }
      return (await retry(() => adapter.edit(root, shown))) !== undefined || postElsewhere(view, retry)
    },
    amend: (view) => (isWhole ? adapter.edit(root, view) : showInThread(view)),
    attachTo: () => root,
  }
}
