import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createWriteStream, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseDocument } from 'yaml'
import { imageName } from '#core/request/image'
import { up } from '#dev/dev-cluster/cluster'
import { openCleanup } from '#dev/machine/cleanup'
import { freePort, startRedis } from '#dev/machine/redis'
import { buildShellImage } from '#shell-image/build'

/** Everything of one demo: what it started, it stops, in the opposite order. */
export type DemoApp = {
  config: string
  web: string
  log: string
  env: Record<string, string>
  /** Runs one command as a person of the console door, its thread going to this program's output; resolves with the exit code. */
  say: (person: string, words: readonly string[]) => Promise<number>
  stop: () => Promise<void>
}

export type DemoOptions = {
  /** A context of the reader's own kubeconfig; left out, the dev cluster is used. */
  context: string | undefined
  redis: string | undefined
  /** `repo:version`, or `repo:version@digest`, of a shell image that the reader's own cluster can pull. */
  image: string | undefined
  /** True forgets what earlier demos left in Redis. */
  fresh?: boolean
  tell: (line: string) => void
}

const root = join(import.meta.dirname, '../..')
/** Ignored by git: the demo's configuration, Redis and log. */
const folder = join(root, '.demo')
const program = join(root, 'src/bin.js')

export async function openDemo(options: DemoOptions): Promise<DemoApp> {
  if (options.fresh) rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const stops: (() => Promise<void>)[] = []
  const stop = async () => {
    for (const each of stops.splice(0).toReversed()) await each()
  }
  try {
    const uses = options.context === undefined ? { cluster: 'npm run demo' } : {}
    const cleanup = await openCleanup(uses)
    stops.push(cleanup.close)
    const cluster = await openCluster(options)
    const redis = options.redis ?? (await openRedis(options, stops))
    const [http, health, web] = [await freePort(), await freePort(), await freePort()]
    const image = options.image ?? cluster.image
    const config = writeConfig({ context: options.context, image, http, health, web })
    const env = { ...cluster.env, REDIS_URL: redis, RETINA_SEAL_KEY: randomBytes(32).toString('hex') }
    const log = join(folder, 'retina-chatops.log')
    options.tell(`starting the program (log: ${log})`)
    stops.push(startProgram(config, env, log))
    await untilReady(`http://127.0.0.1:${health}/readyz`, log)
    const say = (person: string, words: readonly string[]) =>
      runToEnd(['run', '--config', config, '--as', person, '--', ...words], env)
    return { config, web: `http://localhost:${web}/`, log, env, say, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

type Opened = {
  /** Environment that leads to the cluster. */
  env: Record<string, string>
  /** The image that is on its nodes. */
  image?: string
}

async function openCluster(options: DemoOptions): Promise<Opened> {
  if (options.context !== undefined) return { env: {} }
  const cluster = await up()
  options.tell('building the shell image (from the cache where it was built before) and loading it onto the nodes')
  const image = await buildShellImage()
  await cluster.loadImage(image.tar, image.digest)
  // No registry knows this image: its digest is known from its build.
  return { env: { KUBECONFIG: cluster.kubeconfig }, image: `${image.ref}@${image.digest}` }
}

async function openRedis(options: DemoOptions, stops: (() => Promise<void>)[]): Promise<string> {
  options.tell(`starting a Redis of its own in ${join(folder, 'redis')}`)
  const server = await startRedis({ folder: join(folder, 'redis') })
  stops.push(() => server.stop())
  return server.url
}

type Written = { context: string | undefined; image: string | undefined; http: number; health: number; web: number }

function writeConfig(options: Written): string {
  const document = parseDocument(readFileSync(join(import.meta.dirname, 'retina.yaml'), 'utf8'))
  document.setIn(['clusters', 0, 'context'], options.context ?? 'dev')
  document.setIn(['http', 'port'], options.http)
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

/** Starts the program in both roles; the way to drain and end it. */
function startProgram(config: string, env: Record<string, string>, log: string): () => Promise<void> {
  const out = createWriteStream(log)
  // Not in the terminal's process group: a Ctrl-C is for the demo, which drains the program before it ends Redis.
  const child = spawn(process.execPath, [program, 'start', '--config', config], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  })
  child.stderr.pipe(out)
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return async () => {
    child.kill('SIGTERM')
    const impatience = setTimeout(() => child.kill('SIGKILL'), 90_000)
    await gone
    clearTimeout(impatience)
  }
}

/** Seconds that the program may take until everything it needs answers. */
const patience = 60

async function untilReady(address: string, log: string): Promise<void> {
  let why = 'no answer'
  for (const until = Date.now() + patience * 1_000; Date.now() < until; ) {
    const answer = await fetch(address).catch(() => undefined)
    if (answer?.ok) return
    if (answer !== undefined) why = (await answer.text()).trim()
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`the program isn't ready after ${patience} s:\n${why}\nIts log: ${log}`)
}

function runToEnd(words: readonly string[], env: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...words], { env: { ...process.env, ...env }, stdio: 'inherit' })
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
}
