import type { Catalogue, Hint } from '#core/request/tool'
import type { End, Run } from '#core/runs/run'
import { podSecurityHint } from './pod-security-hint.ts'

/** Characters at the end of the output that are searched for a tool's known errors. */
const searchedChars = 20_000

/** Returns a hint for an ending: one of the tools' own that matches the output, else one for the end reason. */
export function hintFor(run: Run, end: End, output: string, catalogue: Catalogue): string | undefined {
  if (end.reason === 'completed' || end.reason === 'nothing-found')
    return findToolHint(run, end, output, catalogue, ({ always }) => always === true)
  return findToolHint(run, end, output, catalogue) ?? findPodSecurityHint(run, end) ?? getReasonHint(end)
}

function findToolHint(
  run: Run,
  end: End,
  output: string,
  catalogue: Catalogue,
  isWanted: (hint: Hint) => boolean = () => true,
): string | undefined {
  const tools = run.request.pipeline.map((stage) => stage.tool)
  return findHint(tools, `${output.slice(-searchedChars)}\n${end.message ?? ''}`, catalogue, isWanted)
}

/** Returns the tools' own hint for an output; after a success, only one that is shown then too. */
export function hintForOutput(
  tools: readonly string[],
  output: string,
  completed: boolean,
  catalogue: Catalogue,
): string | undefined {
  return findHint(tools, output.slice(-searchedChars), catalogue, ({ always }) => !completed || always === true)
}

/** Returns the first hint whose cause the text proves: its pattern matches, and what would exclude it doesn't. */
function findHint(
  tools: readonly string[],
  text: string,
  catalogue: Catalogue,
  isWanted: (hint: Hint) => boolean,
): string | undefined {
  const hints = tools.flatMap((tool) => catalogue.tool(tool)?.hints ?? [])
  return hints
    .filter(isWanted)
    .find(({ pattern, unless }) => matches(pattern, text) && !(unless !== undefined && matches(unless, text)))?.hint
}

function matches(pattern: string, text: string): boolean {
  return new RegExp(pattern, 'm').test(text)
}

function findPodSecurityHint(run: Run, end: End): string | undefined {
  const { target, node } = run.spec
  return podSecurityHint(target, node, run.request.pipeline, end.message ?? '')
}

const notReadyHint =
  'A silent kubelet starts nothing. Ask from another node whether it is there, with `ping NODE` and `nc -vz NODE 10250`; `nodes` shows when it is ready again.'

function getReasonHint(end: End): string | undefined {
  switch (end.reason) {
    case 'start-timeout':
      if (/: \S{1,253} is not ready \(/.test(end.message ?? '')) return notReadyHint
      return 'Allow more time with `--timeout 10m`; `kubectl describe pod` shows the same reason while it waits.'
    case 'image-unavailable':
      return 'Behind a firewall, copy the shell image to a registry that the cluster can reach, and set RETINA_SHELL_IMAGE_REPO (and RETINA_SHELL_IMAGE_VERSION) for the bot.'
    case 'deadline':
      return 'Allow more time with `--deadline`, up to the limit of your capability set.'
    case 'output-limit':
      return 'Ask for less: `| head -n 100`, `| grep …`, or narrower arguments of the tool.'
    default:
      return undefined
  }
}
