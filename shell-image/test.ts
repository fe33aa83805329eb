import { imagePrograms } from '#core/request/image-programs'
import { shellQuote } from '#core/util/quote'
import { run } from '#dev/machine/run'
import { buildShellImage } from './build.ts'
import { imagePackages } from './packages.ts'

/** Arguments that make a tool print something and exit, for tools without `--version`. */
const versionArgs: Readonly<Record<string, string>> = {
  ping: '-V',
  tracepath: '-V',
  arping: '-V',
  sar: '-V',
  iostat: '-V',
  pidstat: '-V',
  ipvsadm: '-v',
  dig: '-v',
  nslookup: '-version',
  drill: '-v',
  ip: '-V',
  ss: '-V',
  tc: '-V',
  bridge: '-V',
  nstat: '-V',
  socat: '-V',
  openssl: 'version',
  lsof: '-v',
  top: '-v',
}

/** Returns a script for `sh -c` that starts every tool of packages.txt and prints `NAME EXIT-CODE` for each. */
export function toolScript(): string {
  const tools = imagePackages().flatMap((each) => each.tools)
  const calls = tools.map(
    (tool) =>
      `timeout 10 ${shellQuote(tool)} ${versionArgs[tool] ?? '--version'} >/dev/null 2>&1 </dev/null; echo ${shellQuote(tool)} $?`,
  )
  return calls.join('\n')
}

/**
 * Returns the tools that didn't start, from the script's output: missing (127), not executable (126), timed out (124),
 * killed.
 */
export function brokenTools(output: string): string[] {
  const codes = new Map(
    output
      .trim()
      .split('\n')
      .map((line) => [line.split(' ')[0] ?? '', Number(line.split(' ')[1])]),
  )
  return imagePackages()
    .flatMap((each) => each.tools)
    .filter((tool) => {
      const code = codes.get(tool)
      return code === undefined || code >= 124
    })
}

/** Runs a script for `sh -c` in an image by Docker, or in the image that build.ts builds, and returns its output. */
async function runIn(image: string | undefined, script: string): Promise<string> {
  if (image !== undefined) return run('docker', ['run', '--rm', '--cap-drop=ALL', image, 'sh', '-c', script])
  const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
  return run('chroot', [(await buildShellImage()).rootfs, '/usr/bin/env', '-i', path, 'sh', '-c', script])
}

/** Folders of programs, in the image. */
const folders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

/** Names that differ with the processor, and files of programs that aren't programs. */
const unlisted = /x86_64|aarch64|i386|armv|^perl5|\.db$|^\[$/

/** Returns what is wrong in the list of the image's programs, with the names that `ls` of their folders prints. */
export function findUnlisted(listing: string): string[] {
  const names = new Set(listing.split(/\s+/).filter((name) => name !== '' && !name.endsWith(':')))
  return [
    ...[...imagePrograms].filter((name) => !names.has(name)).map((name) => `${name} is listed, and not there`),
    ...[...names]
      .filter((name) => !imagePrograms.has(name) && !unlisted.test(name))
      .map((name) => `${name} is there, and not listed`),
  ]
}

/** Script for `sh -c` that lists the image's programs. */
export const listScript = `ls ${folders.join(' ')} 2>/dev/null; true`

// `node shell-image/test.ts` tests the image that build.ts builds; `node shell-image/test.ts IMAGE` tests any image,
// with Docker.
if (process.argv[1] === import.meta.filename) {
  const [, , image] = process.argv
  const output = await runIn(image, toolScript())
  const broken = [...brokenTools(output), ...findUnlisted(await runIn(image, listScript))]
  console.log(output.trim())
  console.log(broken.length === 0 ? 'every tool starts' : `these don't start: ${broken.join(', ')}`)
  process.exitCode = broken.length === 0 ? 0 : 1
}
