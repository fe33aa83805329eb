import { spawn } from 'node:child_process'

export type RunOptions = {
  cwd?: string
  env?: Record<string, string>
  /** Text for the program's standard input. */
  input?: string
  /** Called with each line that the program prints, to show progress. */
  onLine?: (line: string) => void
}

/**
 * Runs a program to its end and resolves with its standard output.
 * Throws an error with the program's last lines if it exits with another code than 0.
 */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    const stdout: string[] = []
    const tail: string[] = []
    const addLines = (text: string) => {
      for (const line of text.split('\n').filter((each) => each.trim() !== '')) {
        tail.push(line)
        if (tail.length > 25) tail.shift()
        options.onLine?.(line)
      }
    }
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout.push(text)
      addLines(text)
    })
    child.stderr.setEncoding('utf8').on('data', addLines)
    child.on('error', (cause) => reject(new Error(`${program}: ${cause.message}`, { cause })))
    child.on('close', (code, signal) => {
      if (code === 0) resolve(stdout.join(''))
      else reject(new Error(`${program} ${args.join(' ')} ended with ${signal ?? `code ${code}`}:\n${tail.join('\n')}`))
    })
    // If a program exits before it has read its input, its exit code counts, not the broken pipe.
    child.stdin.on('error', () => undefined)
    child.stdin.end(options.input ?? '')
  })
}
