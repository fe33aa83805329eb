import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A package's entry in package-lock.json, with the properties that are used here. */
type Entry = {
  version?: string
  dev?: boolean
  optional?: boolean
  os?: string[]
  cpu?: string[]
  libc?: string[]
  optionalDependencies?: Record<string, string>
}
type Lockfile = { packages: Record<string, Entry> }

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'openharmony', 'sunos', 'win32']
const processors = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64']

/**
 * Adds the missing entries of packages for other platforms to the lockfile, and returns their names. npm leaves them out if
 * its registry doesn't have them (mirrors often have one platform's only), and `npm ci` of npm 11.19 then refuses the lockfile
 * everywhere. Each is installed on its own platform only, which its name tells; its integrity is not known here.
 */
export function completeLockfile(lockfile: Lockfile): string[] {
  const added: string[] = []
  for (const parent of Object.values(lockfile.packages)) {
    for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
      const key = `node_modules/${name}`
      const platform = platformOf(name)
      if (lockfile.packages[key] !== undefined || platform === undefined) continue
      lockfile.packages[key] = { version, ...platform, ...(parent.dev ? { dev: true } : {}), optional: true }
      added.push(name)
    }
  }
  lockfile.packages = Object.fromEntries(Object.entries(lockfile.packages).sort(([a], [b]) => (a < b ? -1 : 1)))
  return added
}

function platformOf(name: string): Pick<Entry, 'os' | 'cpu' | 'libc'> | undefined {
  const parts = name.replace(/^.*\//, '').split(/[-.]/)
  const os = systems.find((each) => parts.includes(each))
  const cpu = processors.find((each) => parts.includes(each))
  if (os === undefined || cpu === undefined) return undefined
  const libc = parts.includes('musl') ? ['musl'] : parts.includes('gnu') ? ['glibc'] : undefined
  return { cpu: [cpu], os: [os], ...(libc === undefined ? {} : { libc }) }
}

if (process.argv[1] === import.meta.filename) {
  const file = join(import.meta.dirname, '../../package-lock.json')
  const lockfile = JSON.parse(readFileSync(file, 'utf8')) as Lockfile
  const added = completeLockfile(lockfile)
  writeFileSync(file, `${JSON.stringify(lockfile, null, 2)}\n`)
  console.log(`${added.length} entries added`)
}
