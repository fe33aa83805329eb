/** Stops the development cluster if these tests started it, and removes whatever else they left behind. */
// biome-ignore lint/style/noDefaultExport: Jest takes a tear-down module's default export
export default async function teardown(): Promise<void> {
  await globalThis.clusterCleanup?.close()
}
