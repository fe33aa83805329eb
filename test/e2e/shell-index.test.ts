import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { debianContents } from '#dev/images/sbom'
import { extractLayer, nativeArchitecture } from '#dev/machine/oci'
import { run } from '#dev/machine/run'
import { buildShellImage } from '#shell-image/build'
import { buildForeignRootfs } from '#shell-image/build-index'

/** The shell image of this machine's processor, and of the other one, unpacked. */
const native = nativeArchitecture()
const other = native === 'amd64' ? 'arm64' : 'amd64'
const folder = mkdtempSync(join(tmpdir(), 'retina-index-'))
let [ours, theirs] = [join(folder, native), '']
beforeAll(async () => {
  const image = await buildShellImage()
  theirs = (await buildForeignRootfs(image, other)).rootfs
  // Not the folder beside the image: other tests run tools there, which leave files.
  await extractLayer(image.tar, join(folder, 'layer.tar'))
  ours = join(folder, native)
  await run('mkdir', [ours])
  await run('tar', ['-C', ours, '-xf', join(folder, 'layer.tar')])
}, 900_000)
afterAll(() => rmSync(folder, { recursive: true }))

const triplets = { amd64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' }
/** e_machine of ELF files. Source: elf(5). */
const machines = { amd64: 62, arm64: 183 }

/** Resolves with the lines `PATH KIND MODE [-> TARGET]` of a folder, without the processor's name. */
async function linesOf(root: string): Promise<string[]> {
  const output = await run('find', [root, '-mindepth', '1', '-printf', '%P %y %m %l\n'])
  const lines = output.trim().split('\n')
  return lines.map((line) => line.replaceAll(triplets.amd64, 'TRIPLET').replaceAll(triplets.arm64, 'TRIPLET').trimEnd())
}

/** Returns the processor of an ELF file; undefined for other files. */
function processorOf(file: string): number | undefined {
  const start = Buffer.alloc(20)
  const descriptor = openSync(file, 'r')
  readSync(descriptor, start)
  closeSync(descriptor)
  return start.toString('latin1', 0, 4) === '\x7fELF' ? start.readUInt16LE(18) : undefined
}

/** What Debian ships for one processor only: program loaders, other names of setarch, libm's vectors, Perl's copies of C headers. */
const oneProcessorOnly =
  /^usr\/(bin\/(i386|x86_64|ld\.so)|lib(64)?\/(TRIPLET\/)?(ld-linux-[\w-]+\.so\.\d|libmvec\.so\.1|perl\/[\d.]+\/[\w/-]+\.ph)) /

test('the images of both processors have the same files, with the same permissions', async () => {
  const [one, another] = [await linesOf(ours), await linesOf(theirs)]
  const compared = (lines: readonly string[]) => lines.filter((line) => !oneProcessorOnly.test(line))
  const without = (lines: readonly string[], known: ReadonlySet<string>) =>
    compared(lines).filter((each) => !known.has(each))
  expect({ missing: without(one, new Set(another)), more: without(another, new Set(one)) }).toEqual({
    missing: [],
    more: [],
  })
  expect(one.length).toBeGreaterThan(2_000)
})

test('every program and library is that processor’s', async () => {
  const files = (await run('find', [theirs, '-type', 'f'])).trim().split('\n')
  const processors = files
    .map((file) => [file, processorOf(file)] as const)
    .filter(([, processor]) => processor !== undefined)
  expect(processors.filter(([, processor]) => processor !== machines[other])).toEqual([])
  expect(processors.length).toBeGreaterThan(300)
})

test('the same packages are installed, by the list that scanners read', () => {
  const names = (root: string) =>
    debianContents(root)
      .map(({ name }) => name)
      .toSorted()
  expect(names(theirs)).toEqual(names(ours))
  const status = readFileSync(join(theirs, 'var/lib/dpkg/status'), 'utf8')
  expect(status).toContain(`Architecture: ${other}`)
  expect(status).not.toContain(`Architecture: ${native}`)
})
