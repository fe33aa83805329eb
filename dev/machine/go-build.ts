import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cached } from './cache.ts'
import { run } from './run.ts'

export type GoBuild = {
  /** Name of the build's folder in the cache, without its fingerprint. */
  cacheName: string
  /** Folder with the go.mod file that pins all versions. */
  source: string
  cgo?: boolean
  /** Arguments of `go build` that put the programs into the folder `out`. */
  args: (out: string) => string[]
}

/** Builds Go programs from their pinned modules, unless the cache has them; resolves with their folder. */
export function buildGo(build: GoBuild, onLine: (line: string) => void = () => undefined): Promise<string> {
  const files = readdirSync(build.source).toSorted()
  const texts = files.map((file) => readFileSync(join(build.source, file), 'utf8'))
  return cached(build.cacheName, [...texts, build.args('').join(' ')], async (folder) => {
    // Overrides the machine's GOWORK and GOFLAGS, which would change the build.
    const env = { CGO_ENABLED: build.cgo === true ? '1' : '0', GOWORK: 'off', GOFLAGS: '-buildvcs=false' }
    await run('go', ['build', '-v', '-trimpath', ...build.args(folder)], { cwd: build.source, env, onLine })
  })
}
