import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '#dev/machine/run'
import { buildCrane } from './build.ts'
import { logTail, startProcess, stopProcess } from './processes.ts'
import { ensureFolder } from './state.ts'
import { machineAddress, registryPort } from './versions.ts'

/** Image registry that the nodes pull from. */
export type Registry = {
  /** `10.10.0.1:5000`, without encryption; first part of the names of its images. */
  address: string
  /**
   * Copies an image into the registry: a folder with an OCI image layout, or the tar file of one. Resolves with its digest, which is that of
   * its index, or of its manifest where it has one platform only.
   */
  push: (image: string, repository: string, tag: string) => Promise<string>
  /** Runs crane and resolves with its standard output; for what the registry has, and in what form. */
  crane: (args: readonly string[]) => Promise<string>
  stop: () => Promise<void>
}

const name = 'registry'

/**
 * Starts an image registry on the bridge, where the nodes reach it (they can't reach the machine's loopback), unless it runs already. The
 * development cluster has to be up; `down` stops the registry and deletes what it has. Builds crane the first time (a minute).
 */
export async function startRegistry(onLine: (line: string) => void = () => undefined): Promise<Registry> {
  const program = await buildCrane(onLine)
  const address = `${machineAddress}:${registryPort}`
  startProcess(name, program, ['registry', 'serve', '--address', address, '--disk', ensureFolder('registry')])
  await waitUntilOpen()
  const crane = (args: readonly string[]) => run(program, args)
  return {
    address,
    crane,
    async push(image, repository, tag) {
      const unpacked = statSync(image).isDirectory() ? undefined : mkdtempSync(join(tmpdir(), 'retina-image-'))
      if (unpacked !== undefined) await run('tar', ['-C', unpacked, '-xf', image])
      try {
        const to = `${address}/${repository}:${tag}`
        await crane(['push', '--insecure', unpacked ?? image, to])
        return (await crane(['digest', '--insecure', to])).trim()
      } finally {
        if (unpacked !== undefined) rmSync(unpacked, { recursive: true })
      }
    },
    stop: () => stopProcess(name),
  }
}

async function waitUntilOpen(): Promise<void> {
  const until = Date.now() + 30_000
  while (!(await accepts())) {
    if (Date.now() > until) throw new Error(`the registry did not start:\n${logTail(name)}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

function accepts(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(registryPort, machineAddress)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
