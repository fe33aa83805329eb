import type { CodeReaders } from '#core/triage/evaluate'
import type { Playbooks } from '#core/triage/playbook'
import { namedReaders } from '#core/triage/readers/named'
import { type Config, remarkText } from '#src/config/load'
import { type PlaybookNames, shippedPlaybooks } from '#src/playbooks/load'
import { loadPlaybookFiles } from '#src/playbooks/load-files'
import { catalogue } from '#src/tools/index'

/** Readers of checks: those of tools, and those with a name. */
export const checkReaders: CodeReaders = {
  tool: ([tool = '']) => catalogue.tool(tool)?.measure,
  named: (name) => namedReaders.get(name),
}

/** What a playbook may use. */
export const playbookNames: PlaybookNames = { catalogue, readers: [...namedReaders.keys()] }

/** Playbooks that ship with the program. */
export const playbooks: Playbooks = shippedPlaybooks(playbookNames)

/** Reads the playbooks that `retina.yaml` names, beside those that ship; or returns all mistakes, each with its file and place. */
export function loadPlaybooks(
  file: string,
  config: Pick<Config, 'playbooks'>,
): { playbooks: Playbooks } | { mistakes: readonly string[] } {
  const loaded = loadPlaybookFiles(file, config.playbooks, playbookNames, playbooks)
  if ('playbooks' in loaded) return loaded
  return { mistakes: loaded.mistakes.map((mistake) => remarkText(mistake.file, mistake)) }
}
