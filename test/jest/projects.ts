import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/**
 * Files that start a server or a browser, or build a program that tests start: a test file that imports one of these, directly or
 * indirectly, is no unit test.
 */
const serverFiles = [
  ...['browser', 'playground', 'prometheus', 'recorded', 'redis', 'sentinel'].map(
    (name) => `test/environment/${name}.ts`,
  ),
  ...['dev/machine/chromium.ts', 'dev/go-tools/go-tools.ts', 'test/shell-image/build-runner.ts'],
].map((name) => join(root, name))

/** Test files whose servers are started by another process, in a copy of the tree. */
const inCopies = ['test/docs/extending.test.ts']

/**
 * Cluster tests that run one after the other, once no other file uses the cluster: some break what other files use (API server, kubelet,
 * container runtime, routes), and one kills workers at moments that depend on how fast the cluster answers.
 */
const alone = ['chaos', 'killed-worker', 'stopped-kubelet', 'terminal-kubelet', 'triage', 'triage-faults'].map(
  (name) => `test/e2e/${name}.test.ts`,
)

/** A measurement, which only its own command runs. */
const healthy = 'test/e2e/triage-healthy.test.ts'

export type Files = Record<'unit' | 'flow' | 'cluster' | 'alone', readonly string[]>

/**
 * Returns all test files, as paths from the root, by what they need: nothing, their own servers, the development cluster, or that cluster
 * exclusively.
 */
export function testFiles(): Files {
  const all = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `test/${name}`)
    .toSorted()
  const reaches = importGraph()
  const onCluster = all.filter((file) => file.startsWith('test/e2e/'))
  const others = all.filter((file) => !file.startsWith('test/e2e/'))
  const isUnit = (file: string) =>
    !inCopies.includes(file) && !serverFiles.some((serverFile) => reaches(join(root, file)).has(serverFile))
  return {
    unit: others.filter(isUnit),
    flow: others.filter((file) => !isUnit(file)),
    cluster: onCluster.filter((file) => !alone.includes(file) && file !== healthy),
    alone: process.env['RETINA_TRIAGE_HEALTHY'] === undefined ? alone : [...alone, healthy],
  }
}

/** Returns a function that returns the files of `test/` and `dev/` that a file imports, directly or indirectly, and the file itself. */
function importGraph(): (file: string) => ReadonlySet<string> {
  const cache = new Map<string, readonly string[]>()
  const importsOf = (file: string) => {
    const cached = cache.get(file)
    if (cached !== undefined) return cached
    const text = readFileSync(file, 'utf8')
    const names = [...text.matchAll(/\bfrom '((?:#test\/|#dev\/|\.)[^']+)'/g)].map(([, name = '']) => name)
    const files = names.map((name) =>
      name.startsWith('#') ? join(root, `${name.slice(1)}.ts`) : join(dirname(file), name),
    )
    const existing = files.filter((each) => existsSync(each))
    cache.set(file, existing)
    return existing
  }
  return (file) => {
    const reached = new Set([file])
    for (const each of reached) for (const next of importsOf(each)) reached.add(next)
    return reached
  }
}
