export type Progress = {
  /** Starts the next step. Throws if its name isn't one of the announced steps. */
  step: (name: string) => void
  /** Sets what the current step is doing; shown on terminals only. */
  detail: (line: string) => void
  done: () => void
}

/**
 * Shows progress on standard error: `TITLE [2/7] 0:42 build containerd · left: …`, with the total time elapsed.
 * On a terminal the line is rewritten in place; elsewhere a line is printed when a step starts and every 30 seconds.
 */
export function showProgress(
  steps: readonly string[],
  title: string,
  out: NodeJS.WriteStream = process.stderr,
): Progress {
  const started = Date.now()
  let index = -1
  let detail = ''
  const clock = () => {
    const seconds = Math.floor((Date.now() - started) / 1000)
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
  }
  const line = () => {
    const left = steps.slice(index + 1)
    const rest = left.length === 0 ? 'last step' : `left: ${left.join(', ')}`
    return `${title} [${index + 1}/${steps.length}] ${clock()} ${steps[index] ?? ''} · ${rest}`
  }
  const show = () => {
    if (index < 0) return
    if (out.isTTY) out.write(`\r\x1b[2K${`${line()} ${detail}`.slice(0, (out.columns || 80) - 1)}`)
    else out.write(`${line()}\n`)
  }
  const timer = setInterval(show, out.isTTY ? 1_000 : 30_000)
  timer.unref()
  return {
    step(name) {
      const at = steps.indexOf(name)
      if (at < 0) throw new Error(`"${name}" is not one of the announced steps`)
      index = at
      detail = ''
      show()
    },
    detail(text) {
      detail = text
      if (out.isTTY) show()
    },
    done() {
      clearInterval(timer)
      if (out.isTTY) out.write('\r\x1b[2K')
      out.write(`${title} ready in ${clock()}\n`)
    },
  }
}
