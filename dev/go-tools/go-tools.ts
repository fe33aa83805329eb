import { join } from 'node:path'
import { buildGo, type GoBuild } from '#dev/machine/go-build'
import { showProgress } from '#dev/machine/progress'

const helmVersion = 'v4.3.1'
const kubeconformVersion = 'v0.8.0'

/** Programs that tests of the chart run; each has a folder with its go.mod here, as this machine may have no package of them. */
const tools = {
  helm: {
    flags: `-s -w -X helm.sh/helm/v4/internal/version.version=${helmVersion}`,
    command: 'helm.sh/helm/v4/cmd/helm',
  },
  kubeconform: {
    flags: `-s -w -X main.version=${kubeconformVersion}`,
    command: 'github.com/yannh/kubeconform/cmd/kubeconform',
  },
  'kube-router': {
    flags: '-s -w',
    command: 'github.com/cloudnativelabs/kube-router/v2/cmd/kube-router',
  },
}

export type GoTool = keyof typeof tools

/** Resolves with the path of a program, after building it if the cache doesn't have it: eight minutes for helm on one processor. */
export async function goTool(name: GoTool, onLine?: (line: string) => void): Promise<string> {
  return join(await buildGo(goToolBuild(name), onLine), name)
}

function goToolBuild(name: GoTool): GoBuild {
  const { flags, command } = tools[name]
  return {
    cacheName: `go-tool-${name}`,
    source: join(import.meta.dirname, name),
    args: (out) => ['-ldflags', flags, '-o', join(out, name), command],
  }
}

// Run as a program, it builds all of them.
if (import.meta.filename === process.argv[1]) {
  const names = Object.keys(tools) as GoTool[]
  const progress = showProgress(names, 'tools')
  for (const name of names) {
    progress.step(name)
    await goTool(name, progress.detail)
  }
  progress.done()
}
