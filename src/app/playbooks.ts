import type { CodeReaders } from '#core/triage/evaluate'
import type { Playbooks } from '#core/triage/playbook'
import { namedReaders } from '#core/triage/readers/named'
import { type PlaybookNames, shippedPlaybooks } from '#src/playbooks/load'
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
