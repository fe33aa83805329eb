/** Addresses of the Sentinels that know which Redis is the current primary. */
export type Sentinels = {
  sentinels: { host: string; port: number }[]
  /** Name of the primary in the Sentinels' configuration. */
  name: string
  username?: string
  password?: string
  db?: number
}

const urlPattern =
  /^redis\+sentinel:\/\/(?:(?<user>[^:@/]*):(?<password>[^@/]*)@)?(?<hosts>[^/@]+)\/(?<name>[^/]+)(?:\/(?<db>\d+))?$/

/**
 * Parses `redis+sentinel://[USER:PASSWORD@]HOST:PORT,HOST:PORT…/PRIMARY[/DATABASE]`; user and password are those of
 * Redis itself. Returns undefined for any other URL, which is that of a single Redis. A Sentinel's port defaults to
 * 26379.
 */
export function sentinelsOf(url: string): Sentinels | undefined {
  const groups = urlPattern.exec(url)?.groups
  const { user, password, hosts, name, db } = { ...groups }
  if (hosts === undefined || name === undefined) return undefined
  return {
    sentinels: hosts.split(',').map((each) => {
      const [, host = each, port = '26379'] = /^(.*?)(?::(\d+))?$/.exec(each) ?? []
      return { host, port: Number(port) }
    }),
    name,
    ...(user === undefined || user === '' ? {} : { username: decodeURIComponent(user) }),
    ...(password === undefined ? {} : { password: decodeURIComponent(password) }),
    ...(db === undefined ? {} : { db: Number(db) }),
  }
}
