import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cached } from '#dev/machine/cache'
import { installPackages, mmdebstrap } from '#dev/machine/debian'
import { type ImageConfig, imageEpoch, writeImage } from '#dev/machine/oci'

/** Settings of the image. `/data` is for its append-only file. */
const config: ImageConfig = {
  ref: 'localhost/retina-chatops/redis:dev',
  user: '999:999',
  entrypoint: ['/usr/bin/redis-server'],
  workingDir: '/data',
  ports: ['6379/tcp'],
}

/**
 * Builds an image with Debian's redis-server for this machine's processor, or returns it from the cache: the development cluster has no
 * registry to pull one from. Needs root and apt-get. Resolves with its tar file, name and digest.
 */
export async function buildRedisImage(
  onLine: (line: string) => void = () => undefined,
): Promise<{ archive: string; ref: string; digest: string }> {
  const folder = await cached('redis-image', [JSON.stringify(config), String(imageEpoch)], async (target) => {
    await installPackages(['mmdebstrap'], onLine)
    const rootfs = join(target, 'rootfs')
    const env = { SOURCE_DATE_EPOCH: String(imageEpoch) }
    const argv = ['--variant=essential', '--include=redis-server,redis-tools', '--dpkgopt=force-unsafe-io']
    await mmdebstrap([...argv, 'bookworm', rootfs], { env, onLine })
    for (const path of ['dev', 'var/cache', 'var/log', 'var/lib/apt', 'etc/hostname', 'etc/resolv.conf']) {
      rmSync(join(rootfs, path), { recursive: true, force: true })
    }
    mkdirSync(join(rootfs, 'data'))
    // Where no volume is mounted on it, any user may write there.
    chmodSync(join(rootfs, 'data'), 0o777)
    writeFileSync(join(target, 'digest'), await writeImage(rootfs, join(target, 'image.tar'), config))
    rmSync(rootfs, { recursive: true })
  })
  return { archive: join(folder, 'image.tar'), ref: config.ref, digest: readFileSync(join(folder, 'digest'), 'utf8') }
}
