import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { run } from '#dev/machine/run'
import { buildShellImage } from '#shell-image/build'
import { imagePackages } from '#shell-image/packages'
import { brokenTools, findUnlisted, listScript, toolScript } from '#shell-image/test'
import { catalogue } from '#src/tools/index'
import { useCluster } from '#test/environment/cluster'
import { portTo } from '#test/environment/cluster-port'
import { type Made, podReady } from '#test/environment/test-cluster'
import { twoBuilds } from '#test/environment/two-builds'
import { sampleRun } from '#test/samples/run'

const cluster = useCluster()

test('every tool of the list starts inside the image, as the image’s own user and without any capability', async () => {
  const port = portTo(cluster())
  const { spec, request } = sampleRun()
  const image = 'localhost/retina-chatops/shell:dev'
  const pipeline = [['sh', '-c', toolScript()]]
  const process = port.launch(
    { id: 'alltools', spec: { ...spec, namespace: cluster().namespace, image, pipeline }, by: request.by },
    new AbortController().signal,
  )
  let output = ''
  for await (const chunk of process.output) output += chunk.text
  expect((await process.ended).reason).toBe('completed')
  await process.remove()
  expect(output.split('\n').length).toBeGreaterThan(40)
  expect(brokenTools(output)).toEqual([])
})

test('a tool that is missing, or can’t be run, is detected', () => {
  const tools = imagePackages().flatMap((each) => each.tools)
  const output = tools.map((tool) => `${tool} ${tool === 'dig' ? 127 : tool === 'curl' ? 126 : 0}`).join('\n')
  expect(brokenTools(output)).toEqual(['dig', 'curl'])
  expect(brokenTools('')).toEqual(tools)
})

test('the list of programs, by which what the image doesn’t have is refused before anyone is asked, is the image’s', async () => {
  const { rootfs } = await buildShellImage()
  const listing = await run('chroot', [rootfs, '/usr/bin/sh', '-c', listScript])
  expect(listing.split('\n').length).toBeGreaterThan(400)
  expect(findUnlisted(listing)).toEqual([])
  const withOthers = listing.replaceAll(/^tracepath$/gm, 'traceroute7')
  expect(findUnlisted(withOthers)).toEqual([
    'tracepath is listed, and not there',
    'traceroute7 is there, and not listed',
  ])
})

test('every tool of the catalogue that runs in the image is in its list', () => {
  // Programs of the node, run by `chroot /host`; `nc` is an alias of ncat.
  const elsewhere = ['systemctl', 'journalctl', 'crictl', 'timedatectl', 'nc']
  const tools = imagePackages().flatMap((each) => each.tools)
  expect(catalogue.names.filter((name) => !tools.includes(name) && !elsewhere.includes(name))).toEqual([])
})

test('every tool of the list has a file in src/tools', () => {
  const tools = imagePackages().flatMap((each) => each.tools)
  expect(tools.filter((name) => catalogue.tool(name) === undefined)).toEqual([])
})

test('the build is reproducible: two builds from the same packages have the same digest', async () => {
  const build = join(import.meta.dirname, '../../shell-image/build.ts')
  // Go's cache, which would be in the same folder, has only what its compiler made of the standard library.
  const goCache = (await run('go', ['env', 'GOCACHE'])).trim()
  const [one, other] = await twoBuilds(await buildShellImage(), async (folder) => {
    const output = await run(process.execPath, [build], { env: { XDG_CACHE_HOME: folder, GOCACHE: goCache } })
    const [, digest = '', , sbom = ''] = output.split('\n')
    return { digest, sbom }
  })
  expect(one).toEqual(other)
}, 900_000)

test('no program in the image grants privileges: no file capabilities, no set-user-ID', async () => {
  const { rootfs } = await buildShellImage()
  expect((await run('getcap', ['-r', rootfs])).trim()).toBe('')
  const privileged: string[] = []
  const look = (folder: string) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) look(path)
      else if (entry.isFile() && (lstatSync(path).mode & 0o6000) !== 0) privileged.push(path)
    }
  }
  look(rootfs)
  expect(privileged).toEqual([])
})

test('`bash` is what the image starts where nothing else is named, as `kubectl debug -it` and `kubectl retina shell` do', async () => {
  const { namespace, kubectl, create } = cluster()
  const container = { name: 'shell', image: 'localhost/retina-chatops/shell:dev', stdin: true, tty: true }
  const spec = { nodeName: 'node001', terminationGracePeriodSeconds: 0, containers: [container] }
  await create([{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'bash', namespace }, spec } as Made])
  await podReady(cluster(), namespace, 'bash')
  expect(await kubectl(['-n', namespace, 'exec', 'bash', '--', 'cat', '/proc/1/cmdline'])).toBe('bash\0')
})
