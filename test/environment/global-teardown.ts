/** Ends the dev cluster if these tests started it, and whatever else they left. */
// biome-ignore lint/style/noDefaultExport: Jest takes a tear-down module's default export
export default async function teardown(): Promise<void> {
  await globalThis.clusterCleanup?.close()
}
