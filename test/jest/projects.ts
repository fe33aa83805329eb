import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/** What starts a server or a browser: a test file that reaches one of these by its imports is no unit test. */
const starters = ['browser', 'playground', 'recorded', 'redis', 'sentinel'].map((name) =>
  join(root, `test/environment/${name}.ts`),
)

/**
 * Cluster tests that run one after the other, last: those that break what other files work with (API server, kubelet, container runtime),
 * and one that kills workers at moments that a busy machine would move.
 */
const alone = ['test/e2e/chaos.test.ts', 'test/e2e/killed-worker.test.ts']

export type Files = Record<'unit' | 'flow' | 'cluster' | 'alone', readonly string[]>

/** All test files by what they need, as paths from the root: nothing, servers of their own, the dev cluster, or the dev cluster alone. */
export function testFiles(): Files {
  const all = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `test/${name}`)
    .toSorted()
  const reaches = importGraph()
  const onCluster = all.filter((file) => file.startsWith('test/e2e/'))
  const others = all.filter((file) => !file.startsWith('test/e2e/'))
  const isUnit = (file: string) => !starters.some((starter) => reaches(join(root, file)).has(starter))
  return {
    unit: others.filter(isUnit),
    flow: others.filter((file) => !isUnit(file)),
    cluster: onCluster.filter((file) => !alone.includes(file)),
    alone,
  }
}

/** Which files of `test/` a file reaches by its imports, itself among them. */
function importGraph(): (file: string) => ReadonlySet<string> {
  const known = new Map<string, readonly string[]>()
  const importsOf = (file: string) => {
    const before = known.get(file)
    if (before !== undefined) return before
    const text = readFileSync(file, 'utf8')
    const names = [...text.matchAll(/\bfrom '((?:#test\/|\.)[^']+)'/g)].map(([, name = '']) => name)
    const files = names.map((name) =>
      name.startsWith('#test/') ? join(root, `test/${name.slice('#test/'.length)}.ts`) : join(dirname(file), name),
    )
    const own = files.filter((each) => existsSync(each))
    known.set(file, own)
    return own
  }
  return (file) => {
    const reached = new Set([file])
    for (const each of reached) for (const next of importsOf(each)) reached.add(next)
    return reached
  }
}
