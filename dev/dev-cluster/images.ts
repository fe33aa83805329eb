import { copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { cached } from '#dev/machine/cache'
import { writeImage } from '#dev/machine/oci'
import type { Builds } from './build.ts'
import { nodeExec } from './node.ts'
import { stateFolder } from './state.ts'
import type { NodeName } from './versions.ts'

/** Builds the two images that the cluster itself needs, each with one static program; resolves with the paths of their tar files. */
export function buildClusterImages(builds: Builds): Promise<string[]> {
  const buildImage = async (name: 'pause' | 'coredns') => {
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
  return Promise.all([buildImage('pause'), buildImage('coredns')])
}

/** Loads an image's tar file into the nodes' container runtimes, unless it is loaded already. */
export async function loadImage(tar: string, digest: string, names: readonly NodeName[]): Promise<void> {
  await Promise.all(
    names.map(async (name) => {
      const ctr = (...args: readonly string[]) =>
        nodeExec(name, ['/opt/dev-cluster/containerd/ctr', '-n', 'k8s.io', 'images', ...args])
      // Its tag is checked too: an image that was loaded since may have taken over the tag.
      if (!(await namesOf(digest, ctr)).some(isTag)) {
        // The node's disk is a folder of the machine, so copying the file there is enough.
        const inside = join('/var/tmp', basename(tar))
        const outside = join(stateFolder('nodes', name), inside)
        if (!existsSync(outside)) copyFileSync(tar, outside)
        await ctr('import', inside)
        await nodeExec(name, ['rm', '-f', inside])
      }
      await addDigestName(digest, ctr)
    }),
  )
}

/** Adds the name `repo@digest`, by which pods ask for the image: containerd gives imported images only the names in the tar file. */
async function addDigestName(digest: string, ctr: (...args: readonly string[]) => Promise<string>): Promise<void> {
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
