import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './run.ts'

const lockFile = join(tmpdir(), 'retina-chatops-apt.lock')

/** Of the given Debian packages, those that are not installed on this machine. */
async function missingPackages(names: readonly string[]): Promise<string[]> {
  // dpkg-query exits with 1 when any name is unknown and still prints the others, hence the shell-free fallback.
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
 * Installs what is missing of the given Debian packages and resolves with the names installed now.
 * Throws where there is no apt-get or no root.
 */
export async function installPackages(
  names: readonly string[],
  onLine: (line: string) => void = () => undefined,
): Promise<string[]> {
  const missing = await missingPackages(names)
  if (missing.length === 0) return []
  process.stderr.write(`installing Debian packages: ${missing.join(', ')}\n`)
  // RUNLEVEL=1: the packages' own services are not started; what is needed is started on ports of its own.
  const env = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  // One at a time: apt gives up at once where another one reads its lists.
  const apt = (...words: string[]) => run('flock', [lockFile, 'apt-get', ...words], { env, onLine })
  await apt('update', '-q')
  await apt('install', '-q', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=600', ...missing)
  return missing
}
