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
 * Installs those of the given Debian packages that are missing, and resolves with their names.
 * Throws without apt-get or root.
 */
export async function installPackages(
  names: readonly string[],
  onLine: (line: string) => void = () => undefined,
): Promise<string[]> {
  const missing = await missingPackages(names)
  if (missing.length === 0) return []
  process.stderr.write(`installing Debian packages: ${missing.join(', ')}\n`)
  // RUNLEVEL=1: the packages' services are not started; the tools start what they need on free ports.
  const env = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  // One at a time: apt-get fails at once while another one updates the package lists.
  const apt = (...args: string[]) => run('flock', [lockFile('apt'), 'apt-get', ...args], { env, onLine })
  await apt('update', '-q')
  await apt('install', '-q', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=600', ...missing)
  return missing
}
