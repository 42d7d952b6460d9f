import { SIGN_IN_FAILED_EVENT } from '@parley/people'
import type { Fetch } from '@parley/outbound'
import {
  type JWTPayload,
  createRemoteJWKSet,
  customFetch as keysFetch,
  errors as joseErrors,
  jwtVerify,
} from 'jose'
import {
  AuthorizationResponseError,
  type ClientAuth,
  ClientError,
  ClientSecretBasic,
  ClientSecretPost,
  type Configuration,
  ResponseBodyError,
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  customFetch,
  discovery,
} from 'openid-client'

/** No algorithm with a shared secret, and never `none`. */
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA']
/** https://openid.net/specs/openid-connect-backchannel-1_0.html#LogoutToken */
const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout'
const EVENT_TOKEN_AGE_SECONDS_MAX = 120
/** As much as openid-client lets pass: a provider whose clock is a second ahead would else sign in nobody, or end no session. */
const CLOCKS_DIFFER_SECONDS = 30
/** After a provider changed its keys. */
const KEYS_AGAIN_AFTER_MS = 5_000

export interface IdentityClientOptions {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /** As the provider has it registered: the console's address and /sign-in/callback. */
  readonly callbackUrl: string
  readonly fetch: Fetch
}

/** What the browser is asked to come back with. */
export interface Challenge {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
}

/** Whom the provider vouches for. Nothing else of what it claims is taken. */
export interface Vouched {
  readonly issuer: string
  readonly subject: string
  readonly session: string | null
}

/** The provider does not answer, not as one, or does not know our client: nobody can sign in for the moment. */
export class IdentityUnavailable extends Error {
  readonly code = 'IDENTITY_UNAVAILABLE'
  constructor(cause: unknown) {
    super('The provider of identities does not answer.', { cause })
  }
}

/** What came back is no sign-in: refused by the provider, forged, of another browser, used up. */
export class SignInInvalid extends Error {
  readonly code = 'SIGN_IN_INVALID'
  constructor(cause?: unknown) {
    super('This sign-in cannot be used. Begin again.', { cause })
  }
}

/** An OpenID Connect client (code flow with PKCE): https://openid.net/specs/openid-connect-core-1_0.html */
export class IdentityClient {
  readonly #options: IdentityClientOptions
  #provider: Promise<Provider> | undefined

  constructor(options: IdentityClientOptions) {
    this.#options = options
  }

  /** @param asksAgain the provider is to ask for the password even where it knows the browser @throws {IdentityUnavailable} */
  async authorizationUrl({ state, nonce, verifier }: Challenge, asksAgain: boolean): Promise<string> {
    const { configuration } = await this.#discovered()
    return buildAuthorizationUrl(configuration, {
      redirect_uri: this.#options.callbackUrl,
      scope: 'openid',
      state,
      nonce,
      code_challenge: await calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...(asksAgain ? { prompt: 'login' } : {}),
    }).href
  }

  /**
   * Redeems the code that the browser came back with.
   * @param query of the callback, as it came
   * @throws {SignInInvalid} @throws {IdentityUnavailable}
   */
  async vouched(query: string, { state, nonce, verifier }: Challenge): Promise<Vouched> {
    const { configuration, keys } = await this.#discovered()
    try {
      const tokens = await authorizationCodeGrant(configuration, new URL(query, this.#options.callbackUrl), {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      })
      // The library trusts the connection that the token came by; we look at the signature as well.
      const { payload } = await jwtVerify(tokens.id_token ?? '', keys, {
        issuer: configuration.serverMetadata().issuer,
        audience: this.#options.clientId,
        algorithms: ALGORITHMS,
        clockTolerance: CLOCKS_DIFFER_SECONDS,
        requiredClaims: ['sub'],
      })
      const { iss = '', sub = '', sid } = payload
      return { issuer: iss, subject: sub, session: typeof sid === 'string' ? sid : null }
    } catch (error) {
      throw isOfTheirs(error) ? new SignInInvalid(error) : this.#away(error)
    }
  }

  /** Whose sessions the provider says are over: whoever has the token may send it again. @throws {SignInInvalid} @throws {IdentityUnavailable} */
  async loggedOut(logoutToken: string): Promise<Vouched & { readonly id: string }> {
    const { jti, iss = '', sub = '', sid } = await this.#event(logoutToken, LOGOUT_EVENT)
    if (typeof jti !== 'string' || (sub === '' && typeof sid !== 'string')) throw new SignInInvalid()
    return { id: jti, issuer: iss, subject: sub, session: typeof sid === 'string' ? sid : null }
  }

  /** Whose login was tried with a wrong password, as the local provider says: '' where nobody has it. @throws {SignInInvalid} @throws {IdentityUnavailable} */
  async signInFailed(
    eventToken: string,
  ): Promise<{ readonly id: string; readonly issuer: string; readonly subject: string }> {
    const { jti = '', iss = '', sub = '' } = await this.#event(eventToken, SIGN_IN_FAILED_EVENT)
    return { id: jti, issuer: iss, subject: sub }
  }

  /** The claims of a token by which the provider tells us, past any browser, that something happened. */
  async #event(token: string, event: string): Promise<JWTPayload> {
    const { configuration, keys } = await this.#discovered()
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer: configuration.serverMetadata().issuer,
        audience: this.#options.clientId,
        algorithms: ALGORITHMS,
        maxTokenAge: EVENT_TOKEN_AGE_SECONDS_MAX,
        clockTolerance: CLOCKS_DIFFER_SECONDS,
        requiredClaims: ['jti', 'events'],
      })
      const { events, nonce } = payload
      const isIt = typeof events === 'object' && events !== null && Object.hasOwn(events, event)
      // A token with a nonce is an id token, which says the opposite.
      if (!isIt || nonce !== undefined) throw new SignInInvalid()
      return payload
    } catch (error) {
      throw isOfTheirs(error) ? new SignInInvalid(error) : this.#away(error)
    }
  }

  #discovered(): Promise<Provider> {
    return (this.#provider ??= discovered(this.#options).catch((error: unknown) => {
      throw this.#away(error)
    }))
  }

  /** What is known of a provider that went away may be wrong when it comes back. */
  #away(cause: unknown): IdentityUnavailable {
    this.#provider = undefined
    return cause instanceof IdentityUnavailable ? cause : new IdentityUnavailable(cause)
  }
}

interface Provider {
  readonly configuration: Configuration
  readonly keys: ReturnType<typeof createRemoteJWKSet>
}

async function discovered({
  issuer,
  clientId,
  clientSecret,
  fetch,
}: IdentityClientOptions): Promise<Provider> {
  const server = new URL(issuer)
  const configuration = await discovery(server, clientId, undefined, secretSent(clientSecret), {
    // The settings let http: pass for loopback alone.
    [customFetch]: (url, asked) => fetch(url, { ...asked, body: asked.body ?? null }),
    execute: server.protocol === 'http:' ? [allowInsecureRequests] : [],
  })
  const { jwks_uri: keysAddress } = configuration.serverMetadata()
  if (keysAddress === undefined) throw new Error('The provider names no keys.')
  return {
    configuration,
    keys: createRemoteJWKSet(new URL(keysAddress), {
      cooldownDuration: KEYS_AGAIN_AFTER_MS,
      [keysFetch]: fetch,
    }),
  }
}

/**
 * In the body where the provider says that it takes it there, for not all read what is escaped in a header; else in the header, which
 * is what holds where it says nothing: https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata
 */
function secretSent(secret: string): ClientAuth {
  const [inHeader, inBody] = [ClientSecretBasic(secret), ClientSecretPost(secret)]
  return (server, ...rest) => {
    const { token_endpoint_auth_methods_supported: methods } = server
    return (methods?.includes('client_secret_post') === true ? inBody : inHeader)(server, ...rest)
  }
}

/** What the provider says of our client, and not of somebody's sign-in: https://www.rfc-editor.org/rfc/rfc6749#section-5.2 */
const OF_OUR_CLIENT = new Set(['invalid_client', 'unauthorized_client'])
/** openid-client's codes. */
const OF_A_SICK_PROVIDER = new Set([
  'OAUTH_TIMEOUT',
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
])

/** What is wrong with the provider's keys, and not with what they signed. */
const OF_ITS_KEYS = new Set<string>([
  joseErrors.JOSEError.code,
  joseErrors.JWKSInvalid.code,
  joseErrors.JWKSTimeout.code,
])
const TOO_MANY_REQUESTS = 429

/** An answer that was had and is no good, as against no answer. */
function isOfTheirs(error: unknown): boolean {
  if (error instanceof SignInInvalid || error instanceof AuthorizationResponseError) return true
  if (error instanceof ResponseBodyError)
    return error.status < 500 && error.status !== TOO_MANY_REQUESTS && !OF_OUR_CLIENT.has(error.error)
  if (error instanceof ClientError) return !OF_A_SICK_PROVIDER.has(error.code ?? '')
  return error instanceof joseErrors.JOSEError && !OF_ITS_KEYS.has(error.code)
}
