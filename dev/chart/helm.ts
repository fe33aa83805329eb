import { join } from 'node:path'
import { goTool } from '#dev/go-tools/go-tools'
import { run } from '#dev/machine/run'

const chart = join(import.meta.dirname, '../../deploy/helm/retina-chatops')

/** Runs helm and resolves with its standard output. Throws with helm's message where it refuses. */
export async function helm(args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  // Without the machine's own helm settings and plugins.
  const own = { HELM_CONFIG_HOME: '/nonexistent', HELM_DATA_HOME: '/nonexistent', HELM_PLUGINS: '/nonexistent' }
  return run(await goTool('helm'), args, { env: { ...own, ...env } })
}

/** Renders the chart, as release `retina-chatops` in `retina-chatops-system`, with these arguments of `helm template`. */
export function helmTemplate(args: readonly string[]): Promise<string> {
  return helm(['template', 'retina-chatops', chart, '--namespace', 'retina-chatops-system', ...args])
}
