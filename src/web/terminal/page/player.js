/** Longest pause, in ms, where idle time is skipped. */
const longestPause = 1_000

/**
 * Returns the events with the times at which they are played. `skip`: pauses are shortened. The last time is the duration.
 */
function toTimeline(events, skip) {
  let before = 0
  let at = 0
  const times = events.map(([time]) => {
    const pause = Math.max(0, time - before)
    before = Math.max(before, time)
    at += skip ? Math.min(pause, longestPause) : pause
    return at
  })
  return { times, duration: at }
}

/**
 * Creates a player over events in order. `show` gets each event when it is due, `reset` clears what was shown, `tick` gets the position and
 * whether it plays. `clock` has `now`, `wait` and `stop` for one timer.
 */
export function createPlayer(events, { show, reset, tick, clock }) {
  let skip = true
  let speed = 1
  let timeline = toTimeline(events, skip)
  let next = 0
  let position = 0
  let startedAt
  let timer
  const now = () => (startedAt === undefined ? position : position + (clock.now() - startedAt) * speed)
  const hold = () => {
    position = Math.min(now(), timeline.duration)
    startedAt = undefined
    clock.stop(timer)
  }
  const showUpTo = (until) => {
    while (next < events.length && timeline.times[next] <= until) {
      show(events[next])
      next += 1
    }
  }
  const step = () => {
    const at = now()
    showUpTo(at)
    if (next >= events.length) hold()
    tick(Math.min(at, timeline.duration), startedAt !== undefined)
    if (startedAt === undefined) return
    timer = clock.wait(step, Math.max(0, Math.min(250, (timeline.times[next] - now()) / speed)))
  }
  const run = () => {
    startedAt = clock.now()
    step()
  }
  /** Changes something while it plays on from where it is. */
  const change = (work) => {
    const played = startedAt !== undefined
    hold()
    work()
    if (played) run()
    else tick(position, false)
  }
  const seek = (to) => {
    const target = Math.min(Math.max(0, to), timeline.duration)
    if (target < position) {
      reset()
      next = 0
    }
    position = target
    showUpTo(position)
  }
  return {
    duration: () => timeline.duration,
    play() {
      if (startedAt !== undefined) return
      if (next >= events.length) seek(0)
      run()
    },
    pause() {
      hold()
      tick(position, false)
    },
    isPlaying: () => startedAt !== undefined,
    seek: (to) => change(() => seek(to)),
    setSpeed: (to) =>
      change(() => {
        speed = to
      }),
    setSkip: (to) =>
      change(() => {
        skip = to
        const shown = next
        timeline = toTimeline(events, skip)
        position = shown === 0 ? 0 : timeline.times[shown - 1]
      }),
  }
}
