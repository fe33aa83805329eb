import type { Reading } from '#core/request/tool'
import { parse } from '#src/command/parse'
import { catalogue } from '#src/tools/index'

/** Returns the argv of one tool, parsed from a line without pipes. */
function argvOf(line: string): readonly string[] {
  const command = parse({ text: `shell node001 -- ${line}` }, catalogue)
  if (command.verb !== 'shell') throw new Error(`${line}: ${JSON.stringify(command)}`)
  return command.pipeline[0] ?? []
}

export function read(line: string, on: 'node' | 'pod' = 'node'): Reading {
  const argv = argvOf(line)
  const tool = catalogue.tool(argv[0] ?? '')
  if (tool === undefined) throw new Error(`no tool for ${line}`)
  return tool.read(argv, on)
}

/** Returns a reading in short: `read`, `write`, `filter` or `refused`, then the special arguments. */
export function verdict(line: string): string {
  const { refusal, filter, needs, special } = read(line)
  if (refusal !== undefined) return 'refused'
  return [filter ? 'filter' : needs.effect, special.map(({ name }) => name).join(', ')]
    .filter((s) => s !== '')
    .join(': ')
}
