import { exportJWK, generateKeyPair } from 'jose'
import { CALLERS, type Caller } from './access.ts'
import { ANY_SERVICE, TOKEN_ALGORITHM, bearer, tokenOf } from './identity.ts'

/** Longer than any stack runs; the keys, and so the tokens, end with it. */
const HELD_TOKEN_SECONDS = 365 * 24 * 60 * 60

export interface CallerKeys {
  /** What lets a process sign as this caller and know all others. Nobody else may read it. */
  envOf(caller: Caller): { readonly GRPC_CALLER_KEY: string; readonly GRPC_CALLERS: string }
  /** Metadata for whoever cannot sign: good at all services for as long as the keys are. */
  heldBy(caller: Caller): Promise<Readonly<Record<string, string>>>
}

/** A pair of keys for each caller: a service that is taken over can sign as itself only. */
export async function makeCallerKeys(): Promise<CallerKeys> {
  const pairs = new Map(
    await Promise.all(
      CALLERS.map(
        async (caller) => [caller, await generateKeyPair(TOKEN_ALGORITHM, { extractable: true })] as const,
      ),
    ),
  )
  const publicKeys = await Promise.all(
    [...pairs].map(async ([kid, { publicKey }]) => ({
      ...(await exportJWK(publicKey)),
      kid,
      alg: TOKEN_ALGORITHM,
    })),
  )
  const privateKeys = new Map(
    await Promise.all(
      [...pairs].map(
        async ([caller, { privateKey }]) => [caller, JSON.stringify(await exportJWK(privateKey))] as const,
      ),
    ),
  )
  const callers = JSON.stringify({ keys: publicKeys })
  return {
    envOf: (caller) => ({ GRPC_CALLER_KEY: privateKeys.get(caller)!, GRPC_CALLERS: callers }),
    heldBy: async (caller) =>
      bearer(
        await tokenOf(
          caller,
          pairs.get(caller)!.privateKey,
          ANY_SERVICE,
          Math.floor(Date.now() / 1000) + HELD_TOKEN_SECONDS,
        ),
      ),
  }
}
