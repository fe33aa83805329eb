/** Where Sentinels tell which Redis is the primary one now. */
export type Sentinels = {
  sentinels: { host: string; port: number }[]
  /** The primary's name, as the Sentinels know it. */
  name: string
  username?: string
  password?: string
  db?: number
}

const urlPattern =
  /^redis\+sentinel:\/\/(?:(?<user>[^:@/]*):(?<password>[^@/]*)@)?(?<hosts>[^/@]+)\/(?<name>[^/]+)(?:\/(?<db>\d+))?$/

/**
 * `redis+sentinel://[USER:PASSWORD@]HOST:PORT,HOST:PORT…/PRIMARY[/DATABASE]`; user and password are those of Redis itself.
 * Undefined for any other address: that of one Redis. The port of a Sentinel is 26379 where none is given.
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
