/**
 * Returns a function that runs the work of one channel one at a time, and of different channels in parallel. Slack
 * accepts about one message per second and channel: parallel posts would exhaust their attempts on each other's rate
 * limit.
 */
export function createChannelQueues(): <T>(channel: string, work: () => Promise<T>) => Promise<T> {
  const lastWork = new Map<string, Promise<unknown>>()
  return (channel, work) => {
    const previous = lastWork.get(channel) ?? Promise.resolve()
    const current = previous.then(work, work)
    lastWork.set(channel, current)
    const removeIfLast = () => {
      if (lastWork.get(channel) === current) lastWork.delete(channel)
    }
    current.then(removeIfLast, removeIfLast)
    return current
  }
}
