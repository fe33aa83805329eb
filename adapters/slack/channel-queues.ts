/**
 * Work for one channel, one after the other: Slack takes about one message a second there, and many that try at the same
 * time would use up their tries on one another. Other channels don't wait.
 */
export function createChannelQueues(): <T>(channel: string, work: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>()
  return (channel, work) => {
    const before = last.get(channel) ?? Promise.resolve()
    const mine = before.then(work, work)
    last.set(channel, mine)
    const done = () => {
      if (last.get(channel) === mine) last.delete(channel)
    }
    mine.then(done, done)
    return mine
  }
}
