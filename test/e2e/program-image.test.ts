import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { type Registry, startRegistry } from '#dev/dev-cluster/registry'
import type { ImageFiles } from '#dev/images/image-files'
import { buildProgramImage } from '#dev/images/program-image'
import { nativeArchitecture } from '#dev/machine/oci'
import { run } from '#dev/machine/run'
import { version } from '#src/app/version'
import { useCluster } from '#test/environment/cluster'
import type { Made } from '#test/environment/test-cluster'
import { twoBuilds } from '#test/environment/two-builds'
import { waitUntil } from '#test/flow/wait-for'

const cluster = useCluster()
const ends: (() => void)[] = []
const onTestEnd = (end: () => void) => ends.push(end)
afterEach(() => {
  for (const end of ends.splice(0)) end()
})
const platforms = ['amd64', 'arm64'] as const
const machines = { amd64: 'X86-64', arm64: 'AArch64' }
let image: ImageFiles
beforeAll(async () => {
  image = await buildProgramImage()
}, 900_000)

type Manifest = {
  layers: { digest: string; size: number }[]
  manifests: { digest: string; platform: { architecture: string } }[]
}
const blob = (digest: string) => join(image.layout, 'blobs/sha256', digest.slice('sha256:'.length))
const json = (digest: string) => JSON.parse(readFileSync(blob(digest), 'utf8')) as Manifest
const manifests = () => json(image.digest).manifests

/** Returns the layers of one platform, from the bottom up. */
function layersOf(architecture: string): Manifest['layers'] {
  const found = manifests().find(({ platform }) => platform.architecture === architecture)
  return json(found?.digest ?? '').layers
}

/** Resolves with the paths in one platform's image. */
async function pathsOf(architecture: string): Promise<string[]> {
  const lists = layersOf(architecture).map(({ digest }) => run('tar', ['-tzf', blob(digest)]))
  return (await Promise.all(lists)).flatMap((list) =>
    list
      .trim()
      .split('\n')
      .map((path) => path.slice(1)),
  )
}

test('the image is an index of two platforms, each of at most 120 MB, with checksums that are right', async () => {
  expect(manifests().map(({ platform }) => platform.architecture)).toEqual([...platforms])
  for (const each of platforms) {
    const size = layersOf(each).reduce((sum, layer) => sum + layer.size, 0)
    expect(size).toBeLessThan(120_000_000)
  }
  const checked = await run('sha256sum', ['--check', basename(image.checksums)], { cwd: dirname(image.checksums) })
  expect(checked.match(/: OK$/gm)).toHaveLength(1 + platforms.length)
})

test('both platforms have the same files but for their own native packages, and no program but Node', async () => {
  const neutral = (paths: readonly string[], architecture: 'amd64' | 'arm64') => {
    const cpu = { amd64: ['x86_64', 'x64', 'x86-64'], arm64: ['aarch64', 'arm64', 'aarch64'] }[architecture]
    const replaced = paths.map((path) => cpu.reduce((text, word) => text.replaceAll(word, 'CPU'), path))
    // The program loader, where each processor's programs expect it; vector functions of libm, which arm64 hasn't in this release.
    return replaced.filter((path) => !/^\/(lib64\/?|.*\/ld-linux-.*|.*\/libmvec\.so\.1)$/.test(path)).toSorted()
  }
  const [amd64, arm64] = [await pathsOf('amd64'), await pathsOf('arm64')]
  expect(neutral(amd64, 'amd64')).toEqual(neutral(arm64, 'arm64'))
  const programs = amd64.filter((path) => /\/s?bin\/./.test(path) && !path.includes('/node_modules/'))
  expect(programs.toSorted()).toEqual(['/usr/local/bin/node', '/usr/local/bin/retina-chatops'])
  expect(amd64).toEqual(
    expect.arrayContaining(['/etc/ssl/certs/ca-certificates.crt', '/opt/retina-chatops/src/bin.js']),
  )
  expect(amd64.filter((path) => /^\/opt\/retina-chatops\/(src|adapters|test|dev)\/.*\.ts$/.test(path))).toEqual([])
})

test.each(platforms)('%s has that processor’s Node and native packages', async (architecture) => {
  const folder = mkdtempSync(join(tmpdir(), 'retina-layers-'))
  onTestEnd(() => rmSync(folder, { recursive: true }))
  for (const { digest } of layersOf(architecture)) await run('tar', ['-C', folder, '-xzf', blob(digest)])
  const node = join(folder, 'usr/local/bin/node')
  const packages = (await run('find', [folder, '-name', '*.node'])).trim().split('\n')
  expect(packages.filter((file) => basename(file).startsWith('resvgjs'))).toHaveLength(1)
  expect(packages.filter((file) => file.includes('msgpackr-extract')).length).toBeGreaterThan(0)
  for (const file of [node, ...packages]) {
    expect(`${file}\n${await run('readelf', ['-h', file])}`).toContain(machines[architecture])
  }
  if (architecture !== nativeArchitecture()) return
  expect(await loadAll(join(folder, 'opt/retina-chatops'))).toBeGreaterThan(300)
})

/** Loads every module of the program, so that a package or file that the image lacks is found. Resolves with their number. */
async function loadAll(program: string): Promise<number> {
  const script = `import './src/core/util/disable-background-compilers.js'
    import { readdirSync } from 'node:fs'
    const isModule = (name) => name.endsWith('.js') && !name.includes('/page/') && name !== 'src/bin.js'
    const names = ['src', 'adapters'].flatMap((top) => readdirSync(top, { recursive: true }).map((name) => top + '/' + name))
    for (const name of names.filter(isModule)) await import('./' + name)
    console.log(names.filter(isModule).length)
    process.exit(0)`
  return Number(await run(process.execPath, ['--input-type=module', '--eval', script], { cwd: program }))
}

test('the bill of materials names Debian’s, npm’s and our own packages, each once', () => {
  for (const [at, architecture] of platforms.entries()) {
    const { packages, spdxVersion } = JSON.parse(readFileSync(image.sboms[at] ?? '', 'utf8')) as {
      spdxVersion: string
      packages: { name: string; SPDXID: string; externalRefs: { referenceLocator: string }[] }[]
    }
    const urls = packages.map(({ externalRefs }) => externalRefs[0]?.referenceLocator ?? '')
    expect(spdxVersion).toBe('SPDX-2.3')
    expect(new Set(packages.map(({ SPDXID }) => SPDXID)).size).toBe(packages.length)
    expect(urls).toContain(`pkg:npm/retina-chatops@${version}`)
    expect(urls.filter((url) => /^pkg:deb\/debian\/libc6@/.test(url))).toHaveLength(1)
    expect(urls.filter((url) => url.startsWith('pkg:deb/')).every((url) => /arch=(all|a..64)$/.test(url))).toBe(true)
    expect(urls.filter((url) => /^pkg:npm\/(bullmq|%40slack\/bolt|node)@/.test(url))).toHaveLength(3)
    expect(urls.join()).toContain(architecture === 'amd64' ? 'resvg-js-linux-x64-gnu' : 'resvg-js-linux-arm64-gnu')
  }
})

// "npm run test:long" only: the second build takes two minutes.
if (process.env['RETINA_TEST_LONG'] === '1') {
  test('the build is reproducible: two builds of one platform from the same packages have the same digest', async () => {
    const digest = manifests().find(({ platform }) => platform.architecture === 'amd64')?.digest ?? ''
    const script = `import { buildProgramImage } from '#dev/images/program-image'
      const { digest, sboms } = await buildProgramImage(undefined, ['amd64'])
      console.log(digest + '\\n' + sboms[0])`
    const [one, other] = await twoBuilds({ digest, sbom: image.sboms[0] ?? '' }, async (folder) => {
      const output = await run(process.execPath, ['--input-type=module', '--eval', script], {
        cwd: join(import.meta.dirname, '../..'),
        env: { XDG_CACHE_HOME: folder },
      })
      const [digest = '', sbom = ''] = output.split('\n')
      return { digest, sbom }
    })
    expect(one).toEqual(other)
  }, 900_000)
}

describe('in the cluster, pulled by its digest from a registry', () => {
  let registry: Registry
  let pulled: string
  beforeAll(async () => {
    registry = await startRegistry()
    const repository = `${cluster().namespace}/retina-chatops`
    pulled = `${registry.address}/${repository}@${await registry.push(image.layout, repository, 'test')}`
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' }
    const config = readFileSync(join(import.meta.dirname, '../../deploy/retina.example.yaml'), 'utf8')
    const { namespace } = cluster()
    await cluster().create([
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: `${namespace}-program`, labels } },
      {
        ...{
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'retina-chatops', namespace: `${namespace}-program` },
        },
        data: { 'retina.yaml': config },
      } as Made,
    ])
  })

  /** Runs the image as its own user, in a namespace that enforces PodSecurity "restricted". Resolves with exit code and output. */
  async function runProgram(name: string, args: readonly string[]): Promise<{ exitCode: number; text: string }> {
    const namespace = `${cluster().namespace}-program`
    const container = {
      name: 'retina-chatops',
      image: pulled,
      args,
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        runAsNonRoot: true,
        capabilities: { drop: ['ALL'] },
        seccompProfile: { type: 'RuntimeDefault' },
      },
      volumeMounts: [{ name: 'config', mountPath: '/etc/retina-chatops', readOnly: true }],
    }
    const volumes = [{ name: 'config', configMap: { name: 'retina-chatops' } }]
    const spec = { restartPolicy: 'Never', automountServiceAccountToken: false, containers: [container], volumes }
    await cluster().create([{ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace }, spec } as Made])
    const exitCode = async () => {
      const { status } = await cluster().core.readNamespacedPod({ namespace, name })
      return status?.containerStatuses?.[0]?.state?.terminated?.exitCode
    }
    await waitUntil(`${name} has ended`, async () => (await exitCode()) !== undefined)
    return { exitCode: (await exitCode()) ?? -1, text: await cluster().kubectl(['-n', namespace, 'logs', name]) }
  }

  test('it is retina-chatops, and needs neither root nor a file that it can write', async () => {
    const help = await runProgram('help', ['--help'])
    expect(help).toEqual({ exitCode: 0, text: expect.stringContaining('retina-chatops start [--config FILE]') })
    const check = await runProgram('check', ['config', 'check', '/etc/retina-chatops/retina.yaml'])
    expect(check).toEqual({ exitCode: 0, text: expect.stringMatching(/retina\.yaml: valid\. \d+ clusters/) })
  })
})
