import type { Catalogue, Hint } from '#core/request/tool'
import type { End, Run } from '#core/runs/run'
import { podSecurityHint } from './pod-security-hint.ts'

/** Characters at the end of the output that are searched for a tool's known errors. */
const searchedChars = 20_000

/** Returns a hint for an ending: one of the tools' own that matches the output, else one for the end reason. */
export function hintFor(run: Run, end: End, output: string, catalogue: Catalogue): string | undefined {
  if (end.reason === 'completed') return findToolHint(run, end, output, catalogue, ({ always }) => always === true)
  return findToolHint(run, end, output, catalogue) ?? findPodSecurityHint(run, end) ?? getReasonHint(end)
}

function findToolHint(
  run: Run,
  end: End,
  output: string,
  catalogue: Catalogue,
  isWanted: (hint: Hint) => boolean = () => true,
): string | undefined {
  const text = `${output.slice(-searchedChars)}\n${end.message ?? ''}`
  const hints = run.request.pipeline.flatMap((stage) => catalogue.tool(stage.tool)?.hints ?? [])
  return hints.filter(isWanted).find(({ pattern }) => new RegExp(pattern, 'm').test(text))?.hint
}

function findPodSecurityHint(run: Run, end: End): string | undefined {
  const { target, node } = run.spec
  return podSecurityHint(target, node, run.request.pipeline, end.message ?? '')
}

function getReasonHint(end: End): string | undefined {
  switch (end.reason) {
    case 'start-timeout':
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
