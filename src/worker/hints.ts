import { pipelineText } from '#core/request'
import type { End, Run } from '#core/run'
import type { Catalogue } from '#core/tool'

/** Characters of output in which a tool's known failures are looked for: they stand at its end. */
const looked = 20_000

/** What helps with an ending: the tools' own hints for what stands in the output, else a word on the ending itself. */
export function hintFor(run: Run, end: End, output: string, catalogue: Catalogue): string | undefined {
  if (end.reason === 'completed') return undefined
  return toolHint(run, end, output, catalogue) ?? hardenedHint(run, end) ?? endingHint(end)
}

function toolHint(run: Run, end: End, output: string, catalogue: Catalogue): string | undefined {
  const text = `${output.slice(-looked)}\n${end.message ?? ''}`
  const hints = run.request.pipeline.flatMap((stage) => catalogue.tool(stage.tool)?.hints ?? [])
  return hints.find(({ pattern }) => new RegExp(pattern, 'm').test(text))?.hint
}

/** A hardened namespace takes no tool with capabilities (kubernetes#117130), but the node's side is free. */
function hardenedHint(run: Run, end: End): string | undefined {
  const { target, node } = run.spec
  if (target.kind !== 'pod' || !end.message?.includes('PodSecurity level')) return undefined
  const command = pipelineText(run.request.pipeline.map((stage) => stage.given))
  return `In such a namespace only tools without capabilities run in a pod. The node's side of it: \`shell ${node} ${command}\``
}

function endingHint(end: End): string | undefined {
  switch (end.reason) {
    case 'start-timeout':
      return 'Give it longer with `--timeout 10m`; `kubectl describe pod` shows the same reason while it waits.'
    case 'image-unavailable':
      return 'Behind a firewall, copy the shell image to a registry that the cluster reaches and set RETINA_SHELL_IMAGE_REPO (and RETINA_SHELL_IMAGE_VERSION) for the bot.'
    case 'deadline':
      return 'Give it longer with `--deadline`, as far as your capability set goes.'
    case 'output-limit':
      return 'Ask for less: `| head -n 100`, `| grep …`, or a narrower question to the tool.'
    default:
      return undefined
  }
}
