import { spawn } from 'node:child_process'
import { createWriteStream, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseDocument } from 'yaml'
import { imageName } from '#core/request/image'
import { up } from '#dev/dev-cluster/cluster'
import { openCleanup } from '#dev/machine/cleanup'
import { freePort } from '#dev/machine/free-port'
import { startRedis } from '#dev/machine/redis'
import { buildShellImage } from '#shell-image/build'
import { demoConfigText } from './config-text.ts'
import { readSealKey } from './seal-key.ts'

/** A running demo. `stop` stops everything that it started, in reverse order. */
export type DemoApp = {
  config: string
  web: string
  log: string
  env: Record<string, string>
  /** Runs one command as a person of the console chat and prints its thread to this process's output; resolves with the exit code. */
  runCommand: (person: string, command: readonly string[]) => Promise<number>
  stop: () => Promise<void>
}

export type DemoOptions = {
  /** A context of the user's own kubeconfig; undefined: the development cluster. */
  context: string | undefined
  redis: string | undefined
  /** `repo:version`, or `repo:version@digest`, of a shell image that the user's own cluster can pull. */
  image: string | undefined
  /** True deletes what earlier demos stored in Redis. */
  reset?: boolean
  onProgress: (line: string) => void
}

const root = join(import.meta.dirname, '../..')
/** Folder of the demo's configuration, Redis data and log; ignored by git. */
const folder = join(root, '.demo')
const program = join(root, 'src/bin.js')

/** Starts the cluster (if it is the development one), Redis and the program; resolves when the program is ready. */
export async function openDemo(options: DemoOptions): Promise<DemoApp> {
  if (options.reset) rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const sealKey = readSealKey(folder)
  const stops: (() => Promise<void>)[] = []
  const stop = async () => {
    for (const each of stops.splice(0).toReversed()) await each()
  }
  try {
    const cleanupOptions = options.context === undefined ? { cluster: 'npm run demo' } : {}
    const cleanup = await openCleanup(cleanupOptions)
    stops.push(cleanup.close)
    const cluster = await openCluster(options)
    const redis = options.redis ?? (await openRedis(options, stops))
    const [http, health, web] = [await freePort(), await freePort(), await freePort()]
    const image = options.image ?? cluster.image
    const config = writeConfig({ context: options.context, image, http, health, web })
    const env = { ...cluster.env, REDIS_URL: redis, RETINA_SEAL_KEY: sealKey }
    const log = join(folder, 'retina-chatops.log')
    options.onProgress(`starting the program (log: ${log})`)
    stops.push(startProgram(config, env, log))
    await waitUntilReady(`http://127.0.0.1:${health}/readyz`, log)
    const runCommand = (person: string, command: readonly string[]) =>
      runToEnd(['run', '--config', config, '--as', person, '--', ...command], env)
    return { config, web: `http://localhost:${web}/`, log, env, runCommand, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

type OpenedCluster = {
  /** Environment variables by which the program finds the cluster. */
  env: Record<string, string>
  /** The shell image that was loaded onto its nodes. */
  image?: string
}

async function openCluster(options: DemoOptions): Promise<OpenedCluster> {
  if (options.context !== undefined) return { env: {} }
  const cluster = await up()
  options.onProgress('building the shell image (or taking it from the cache) and loading it onto the nodes')
  const image = await buildShellImage()
  await cluster.loadImage(image.tar, image.digest)
  // No registry has this image, so its digest comes from its build.
  return { env: { KUBECONFIG: cluster.kubeconfig }, image: `${image.ref}@${image.digest}` }
}

async function openRedis(options: DemoOptions, stops: (() => Promise<void>)[]): Promise<string> {
  options.onProgress(`starting a separate Redis in ${join(folder, 'redis')}`)
  const server = await startRedis({ folder: join(folder, 'redis') })
  stops.push(() => server.stop())
  return server.url
}

type ConfigValues = {
  context: string | undefined
  image: string | undefined
  http: number
  health: number
  web: number
}

function writeConfig(options: ConfigValues): string {
  const document = parseDocument(demoConfigText())
  document.setIn(['clusters', 0, 'context'], options.context ?? 'dev')
  document.setIn(['http', 'port'], options.http)
  document.setIn(['terminal', 'url'], `http://localhost:${options.http}`)
  document.setIn(['health', 'port'], options.health)
  document.setIn(['web', 'port'], options.web)
  if (options.image !== undefined) {
    const { repo, tag: version = 'latest', digest } = imageName(options.image)
    document.setIn(['shell', 'image'], { repo, version, ...(digest === undefined ? {} : { digest }) })
  }
  const file = join(folder, 'retina.yaml')
  writeFileSync(file, document.toString())
  return file
}

/** Starts the program in both roles. Returns a function that lets it finish its runs and stops it. */
function startProgram(config: string, env: Record<string, string>, log: string): () => Promise<void> {
  const out = createWriteStream(log)
  // Detached from the terminal's process group: a Ctrl-C reaches the demo only, which stops the program before Redis.
  const child = spawn(process.execPath, [program, 'start', '--config', config], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  })
  child.stderr.pipe(out)
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return async () => {
    child.kill('SIGTERM')
    const killTimer = setTimeout(() => child.kill('SIGKILL'), 90_000)
    await exited
    clearTimeout(killTimer)
  }
}

/** Time limit for the program to be ready, that is to reach everything that it needs. */
const readyTimeoutSeconds = 60

async function waitUntilReady(address: string, log: string): Promise<void> {
  let problem = 'no answer'
  for (const until = Date.now() + readyTimeoutSeconds * 1_000; Date.now() < until; ) {
    const answer = await fetch(address).catch(() => undefined)
    if (answer?.ok) return
    if (answer !== undefined) problem = (await answer.text()).trim()
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`the program isn't ready after ${readyTimeoutSeconds} s:\n${problem}\nLog: ${log}`)
}

function runToEnd(args: readonly string[], env: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], { env: { ...process.env, ...env }, stdio: 'inherit' })
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
}
