import { mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Cleanup } from '#dev/machine/cleanup'
import { run } from '#dev/machine/run'
import type { Checkout } from '#test/chaos/environment'

/** Another commit of the program, with its packages and its shell image. */
export type OtherCommit = {
  /** The commit's short hash. */
  commit: string
  checkout: Checkout
  image: { tar: string; digest: string }
}

const root = join(import.meta.dirname, '../..')

/** Repositories of the shell images of this checkout and of the other commit in the cluster. */
const repository = 'localhost/retina-chatops/shell'
const otherRepository = 'localhost/upgraded-from/shell'

/**
 * Takes the files of a commit into a folder that is removed at the end, installs its packages if they differ from this checkout's, and
 * builds its shell image by its own code. Rejects if the commit isn't known.
 */
export async function openCheckout(
  ref: string,
  { cleanup, log }: { cleanup: Cleanup; log: (text: string) => void },
): Promise<OtherCommit> {
  const commit = (await run('git', ['-C', root, 'rev-parse', '--short', `${ref}^{commit}`])).trim()
  const folder = mkdtempSync(join(tmpdir(), 'retina-upgrade-'))
  cleanup.addFolder(folder)
  const archive = join(folder, '.commit.tar')
  await run('git', ['-C', root, 'archive', '-o', archive, commit])
  await run('tar', ['-x', '-f', archive, '-C', folder])
  const lockOf = (where: string) => readFileSync(join(where, 'package-lock.json'), 'utf8')
  if (lockOf(folder) === lockOf(root)) symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  else {
    log(`installing the packages of ${commit}`)
    await run('npm', ['ci', '--prefix', folder])
  }
  nameImage(folder)
  log(`building the shell image of ${commit}`)
  const build =
    "const { buildShellImage } = await import('#shell-image/build'); console.log(JSON.stringify(await buildShellImage()))"
  const printed = await run(process.execPath, ['--input-type=module', '-e', build], { cwd: folder })
  const { tar, digest } = JSON.parse(printed.trim().split('\n').at(-1) ?? '{}') as OtherCommit['image']
  const image = `image: { repo: ${otherRepository}, version: dev }, pin: off`
  return { commit, checkout: { name: 'before', root: folder, image }, image: { tar, digest } }
}

/** Gives the commit's shell image a repository of its own, so that both images are in the cluster. */
function nameImage(folder: string): void {
  const file = join(folder, 'shell-image/build.ts')
  const text = readFileSync(file, 'utf8')
  const named = text.replaceAll(repository, otherRepository)
  if (named === text) throw new Error(`${file} doesn't name the shell image of the development cluster`)
  // With equal content, both would have one digest, and the second would not be loaded.
  writeFileSync(file, named.replace("'TERM=dumb'", "'TERM=dumb', 'RETINA_UPGRADE=from'"))
}
