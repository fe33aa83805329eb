import {
  AuthenticationConfiguration,
  type BotFrameworkAuthentication,
  BotFrameworkAuthenticationFactory,
  ServiceClientCredentialsFactory,
} from 'botframework-connector'
import { ChatError } from '#core/ports/chat'
import { cachedToken } from '#core/util/cached-token'
import { networkFailure } from '#core/util/network-failure'
import { fetchClient } from './http-client.ts'

export type BotIdentity = {
  /** Application (client) id of the bot in Entra. */
  appId: string
  secret: string
  /** Id of the tenant in which the application is registered. */
  tenant: string
  /** Base URL of the login service, such as https://login.microsoftonline.com. */
  loginUrl: string
  /** URL of the OpenID metadata of the keys with which the Bot Framework signs its requests. */
  openIdUrl: string
}

/**
 * Issuer of the tokens in requests to bots, and scope of the bot's own tokens.
 * Source: learn.microsoft.com, "Authenticate requests with the Bot Connector API".
 */
const issuer = 'https://api.botframework.com'
const scope = 'https://api.botframework.com'
const oAuthUrl = 'https://api.botframework.com'
const emulatorOpenIdUrl = 'https://login.microsoftonline.com/botframework.com/v2.0/.well-known/openid-configuration'

/** Milliseconds before its expiry from which a token isn't used any more. */
const expiryMarginMs = 120_000
/** Milliseconds that a request for a token may take. */
const tokenTimeoutMs = 10_000

/**
 * Creates the SDK's authentication: it verifies requests (signature, audience, service URL) and adds the token of the
 * bot's application to what the bot sends.
 */
export function authentication(identity: BotIdentity, getToken: () => Promise<string>): BotFrameworkAuthentication {
  const { loginUrl, tenant, openIdUrl, appId } = identity
  return BotFrameworkAuthenticationFactory.create(
    '',
    true,
    `${loginUrl}/${tenant}`,
    scope,
    issuer,
    oAuthUrl,
    openIdUrl,
    emulatorOpenIdUrl,
    '',
    new AppCredentials(appId, getToken),
    // Only keys that are endorsed for Teams are accepted, no keys of other channels.
    new AuthenticationConfiguration(['msteams']),
    undefined,
    { httpClient: fetchClient },
  )
}

type SignableRequest = { headers: { set: (name: string, value: string) => void } }

/** Credentials for any login URL (national clouds, tests): the SDK's own accept only Microsoft's public ones. */
class AppCredentials extends ServiceClientCredentialsFactory {
  private readonly appId: string
  private readonly getToken: () => Promise<string>
  constructor(appId: string, getToken: () => Promise<string>) {
    super()
    this.appId = appId
    this.getToken = getToken
  }

  override async isValidAppId(appId: string): Promise<boolean> {
    return appId === this.appId
  }

  override async isAuthenticationDisabled(): Promise<boolean> {
    return false
  }

  override async createCredentials() {
    return {
      signRequest: async <T extends SignableRequest>(request: T): Promise<T> => {
        request.headers.set('authorization', `Bearer ${await this.getToken()}`)
        return request
      },
    } as unknown as Awaited<ReturnType<ServiceClientCredentialsFactory['createCredentials']>>
  }
}

/**
 * Returns a function that resolves with the bot's token for the Bot Framework, requesting a new one before the last
 * expires.
 */
export function createTokenSource(identity: BotIdentity): () => Promise<string> {
  const cache = cachedToken(
    () => requestToken(identity),
    () => performance.now(),
  )
  return () => cache.current().text
}

/**
 * Requests a token; `until` is its last usable moment on the clock of `performance.now()`. Rejects with `ChatError`.
 * Source: learn.microsoft.com, "OAuth 2.0 client credentials flow".
 */
async function requestToken({
  loginUrl,
  tenant,
  appId,
  secret,
}: BotIdentity): Promise<{ text: string; until: number }> {
  const fields = {
    grant_type: 'client_credentials',
    client_id: appId,
    client_secret: secret,
    scope: `${scope}/.default`,
  }
  const response = await fetch(`${loginUrl}/${tenant}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams(fields),
    signal: AbortSignal.timeout(tokenTimeoutMs),
    redirect: 'error',
  }).catch((cause: unknown) => {
    const why = networkFailure(cause)
    const suffix = why === undefined ? '' : `: ${why}`
    throw new ChatError(`Microsoft Entra did not answer the request for a token${suffix}`, { cause })
  })
  const body = (await response.json().catch(() => ({}))) as {
    access_token?: unknown
    expires_in?: unknown
    error?: unknown
  }
  if (!response.ok || typeof body.access_token !== 'string') {
    throw new ChatError(`Microsoft Entra refused the bot a token: ${response.status} ${String(body.error ?? '')}`)
  }
  return { text: body.access_token, until: performance.now() + (Number(body.expires_in) || 0) * 1_000 - expiryMarginMs }
}
