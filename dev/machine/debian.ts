import { lockFile } from './lock.ts'
import { run } from './run.ts'

/** Resolves with those of the given Debian packages that are not installed on this machine. */
async function missingPackages(names: readonly string[]): Promise<string[]> {
  // dpkg-query exits with 1 if any name is unknown and still prints the others; the error's message contains that output.
  const listed = await run('dpkg-query', ['-W', '-f', '${Package}\\t${db:Status-Status}\\n', ...names], {}).catch(
    (error: Error) => error.message,
  )
  const installed = new Set(
    listed
      .split('\n')
      .filter((line) => line.endsWith('\tinstalled'))
      .map((line) => line.split('\t')[0]),
  )
  return names.filter((name) => !installed.has(name))
}

/**
 * Runs mmdebstrap with these arguments. Its mounts (/proc, /sys) are in a mount namespace of their own: they end with it, also when it is
 * killed, so that nobody who deletes the unfinished folder deletes through them.
 */
export async function mmdebstrap(argv: readonly string[], options: Parameters<typeof run>[2]): Promise<void> {
  await run('unshare', ['--mount', 'mmdebstrap', ...argv], options)
}

/**
 * Installs those of the given Debian packages that are missing, and resolves with their names. Finishes an installation that was interrupted
 * first. Throws without apt-get or root, and in unit tests (test/jest/environment.ts), which need npm's packages only.
 */
export async function installPackages(
  names: readonly string[],
  onLine: (line: string) => void = () => undefined,
): Promise<string[]> {
  if (process.env['RETINA_UNIT_TESTS'] === '1')
    throw new Error(
      `unit tests install no Debian packages (${names.join(', ')}): see serverFiles in test/jest/projects.ts`,
    )
  const missing = await missingPackages(names)
  if (missing.length === 0) return []
  process.stderr.write(`installing Debian packages: ${missing.join(', ')}\n`)
  // RUNLEVEL=1: the packages' services are not started; the tools start what they need on free ports.
  const env = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  // One at a time: apt-get fails at once while another one updates the package lists.
  const locked = (...command: string[]) => run('flock', [lockFile('apt'), ...command], { env, onLine })
  const install = (...args: string[]) =>
    locked('apt-get', 'install', '-q', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=600', ...args)
  // Packages that were unpacked but not configured make apt-get fail; where their dependencies are missing, --fix-broken installs those.
  await locked('dpkg', '--configure', '-a').catch(() => undefined)
  await locked('apt-get', 'update', '-q')
  await install('--fix-broken')
  await install(...missing)
  return missing
}
