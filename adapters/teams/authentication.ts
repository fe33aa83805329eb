import {
  AuthenticationConfiguration,
  type BotFrameworkAuthentication,
  BotFrameworkAuthenticationFactory,
  ServiceClientCredentialsFactory,
} from 'botframework-connector'
import { ChatError } from '#core/ports/chat'
import { cachedToken } from '#core/util/cached-token'

export type BotIdentity = {
  /** The bot's application id in Entra. */
  appId: string
  secret: string
  /** The tenant that the application is registered in. */
  tenant: string
  /** Base of the login service, as https://login.microsoftonline.com. */
  loginUrl: string
  /** Where the keys are described by which the Bot Framework signs what it sends. */
  openIdUrl: string
}

/** Who signs requests to bots, and for what our tokens are. Source: learn.microsoft.com, "Authenticate requests with the Bot Connector API". */
const issuer = 'https://api.botframework.com'
const scope = 'https://api.botframework.com'
const oAuthUrl = 'https://api.botframework.com'
const emulatorOpenIdUrl = 'https://login.microsoftonline.com/botframework.com/v2.0/.well-known/openid-configuration'

/** Milliseconds before a token ends in which it isn't used any more, and that asking for one may take. */
const margin = 120_000
const patience = 10_000

/** Proves what comes (signature, audience, service address) and signs what we send, by the SDK with our application's secret. */
export function authentication(identity: BotIdentity, bearer: () => Promise<string>): BotFrameworkAuthentication {
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
    new OwnCredentials(appId, bearer),
    // What the Bot Framework signs for Teams only: keys of other channels don't count.
    new AuthenticationConfiguration(['msteams']),
  )
}

type Signable = { headers: { set: (name: string, value: string) => void } }

/** The SDK's own credentials accept Microsoft's login addresses only; these accept others, for national clouds and tests. */
class OwnCredentials extends ServiceClientCredentialsFactory {
  private readonly appId: string
  private readonly bearer: () => Promise<string>
  constructor(appId: string, bearer: () => Promise<string>) {
    super()
    this.appId = appId
    this.bearer = bearer
  }

  override async isValidAppId(appId: string): Promise<boolean> {
    return appId === this.appId
  }

  override async isAuthenticationDisabled(): Promise<boolean> {
    return false
  }

  override async createCredentials() {
    return {
      signRequest: async <T extends Signable>(request: T): Promise<T> => {
        request.headers.set('authorization', `Bearer ${await this.bearer()}`)
        return request
      },
    } as unknown as Awaited<ReturnType<ServiceClientCredentialsFactory['createCredentials']>>
  }
}

/** Our token for the Bot Framework, asked for when the last one ends. */
export function createTokenSource(identity: BotIdentity): () => Promise<string> {
  const held = cachedToken(
    () => newToken(identity),
    () => performance.now(),
  )
  return () => held.current().text
}

/** Source: learn.microsoft.com, "OAuth 2.0 client credentials flow". Rejects with `ChatError`. */
async function newToken({ loginUrl, tenant, appId, secret }: BotIdentity): Promise<{ text: string; until: number }> {
  const fields = {
    grant_type: 'client_credentials',
    client_id: appId,
    client_secret: secret,
    scope: `${scope}/.default`,
  }
  const answer = await fetch(`${loginUrl}/${tenant}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams(fields),
    signal: AbortSignal.timeout(patience),
    redirect: 'error',
  }).catch((cause: unknown) => {
    throw new ChatError('Microsoft Entra could not be asked for a token', { cause })
  })
  const body = (await answer.json().catch(() => ({}))) as {
    access_token?: unknown
    expires_in?: unknown
    error?: unknown
  }
  if (!answer.ok || typeof body.access_token !== 'string') {
    throw new ChatError(`Microsoft Entra gives the bot no token: ${answer.status} ${String(body.error ?? '')}`)
  }
  return { text: body.access_token, until: performance.now() + (Number(body.expires_in) || 0) * 1_000 - margin }
}
