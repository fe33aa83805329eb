import { copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { cached } from '#dev/machine/cache'
import { writeImage } from '#dev/machine/oci'
import type { Builds } from './build.ts'
import { nodeExec } from './node.ts'
import { stateFolder } from './state.ts'
import type { NodeName } from './versions.ts'

/** The two images that the cluster itself needs, each with one static program; resolves with their tar files. */
export function ownImages(builds: Builds): Promise<string[]> {
  const one = async (name: 'pause' | 'coredns') => {
    const folder = await cached(`dev-cluster-image-${name}`, [builds[name]], async (target) => {
      const root = join(target, 'root')
      mkdirSync(root)
      copyFileSync(join(builds[name], name), join(root, name))
      await writeImage(root, join(target, `${name}.tar`), {
        ref: `localhost/retina-chatops/${name}:dev`,
        entrypoint: [`/${name}`],
      })
    })
    return join(folder, `${name}.tar`)
  }
  return Promise.all([one('pause'), one('coredns')])
}

/** Loads an image's tar file into the nodes' container runtimes; one that was loaded before is left alone. */
export async function loadImage(tar: string, digest: string, names: readonly NodeName[]): Promise<void> {
  await Promise.all(
    names.map(async (name) => {
      const ctr = (...args: readonly string[]) =>
        nodeExec(name, ['/opt/dev-cluster/containerd/ctr', '-n', 'k8s.io', 'images', ...args])
      // By its tag: an image that was built since may have taken that away.
      if (!(await namesOf(digest, ctr)).some(isTag)) {
        // The node's disk is a folder of the machine's: putting the file there is the whole transport.
        const inside = join('/var/tmp', basename(tar))
        const outside = join(stateFolder('nodes', name), inside)
        if (!existsSync(outside)) copyFileSync(tar, outside)
        await ctr('import', inside)
        await nodeExec(name, ['rm', '-f', inside])
      }
      await nameByDigest(digest, ctr)
    }),
  )
}

/** So that a pod can ask for it by its digest: the runtime knows an image that it didn't pull by the names alone that it was given. */
async function nameByDigest(digest: string, ctr: (...args: readonly string[]) => Promise<string>): Promise<void> {
  const names = await namesOf(digest, ctr)
  for (const name of names.filter(isTag)) {
    const byDigest = `${name.slice(0, name.lastIndexOf(':'))}@${digest}`
    if (!names.includes(byDigest)) await ctr('tag', name, byDigest)
  }
}

async function namesOf(digest: string, ctr: (...args: readonly string[]) => Promise<string>): Promise<string[]> {
  const rows = (await ctr('ls')).split('\n').map((line) => line.split(/\s+/))
  return rows.flatMap(([name = '', , found]) => (found === digest ? [name] : []))
}

function isTag(name: string): boolean {
  return !name.includes('@') && !name.startsWith('sha256:')
}
