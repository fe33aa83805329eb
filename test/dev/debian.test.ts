import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { installPackages } from '#dev/machine/debian'
import { run } from '#dev/machine/run'

const debian = join(import.meta.dirname, '../../dev/machine/debian.ts')

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'retina-debian-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Programs that handle packages as Debian's do, with files of `$STATE` as their database. */
const programs = {
  flock: 'shift; exec "$@"',
  'dpkg-query': 'test -e $STATE/installed || exit 1; printf "redis-server\\tinstalled\\n"',
  dpkg: 'echo "dpkg $*" >> $STATE/log; if test -e $STATE/missing; then exit 1; fi; rm -f $STATE/interrupted',
  'apt-get': `echo "apt-get $1 $(echo "$*" | grep -o "fix-broken\\|redis-server")" >> $STATE/log
case "$*" in
  update*) ;;
  *fix-broken*) rm -f $STATE/missing $STATE/interrupted ;;
  *) if test -e $STATE/interrupted; then
       echo "E: dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the problem." >&2
       exit 100
     fi
     touch $STATE/installed ;;
esac`,
}

/** Installs Redis by these programs, and returns the commands that changed something. */
async function install(...state: string[]): Promise<string[]> {
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`)
    chmodSync(join(bin, name), 0o755)
  }
  for (const name of state) writeFileSync(join(folder, name), '')
  const text = `import { installPackages } from '${debian}'\nconsole.log(String(await installPackages(['redis-server'])))`
  const env = { STATE: folder, PATH: `${bin}:${process.env['PATH']}`, RETINA_UNIT_TESTS: '0' }
  const argv = ['--no-warnings', '--input-type=module', '--eval', text]
  expect(await run(process.execPath, argv, { env })).toBe(state.includes('installed') ? '\n' : 'redis-server\n')
  return existsSync(join(folder, 'log')) ? readFileSync(join(folder, 'log'), 'utf8').trim().split('\n') : []
}

test('an installation that was interrupted is finished first, also where packages are missing for that', async () => {
  const commands = [
    'dpkg --configure -a',
    'apt-get update ',
    'apt-get install fix-broken',
    'apt-get install redis-server',
  ]
  expect(await install('interrupted')).toEqual(commands)
  rmSync(folder, { recursive: true })
  mkdirSync(folder)
  expect(await install('interrupted', 'missing')).toEqual(commands)
})

test('nothing is changed where all packages are installed', async () => {
  expect(await install('installed')).toEqual([])
})

test('a unit test installs no packages, also where they are installed', async () => {
  await expect(installPackages(['bash'])).rejects.toThrow('unit tests install no Debian packages (bash)')
})
