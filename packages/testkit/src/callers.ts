import { type Caller, type CallerCredentials, heldCredentials, makeCallerKeys } from '@parley/service'

const keys = await makeCallerKeys()

/** What a service finds in its environment to show who it is and to know who calls it, as `npm start` gives it. */
export function callerEnv(caller: Caller): NodeJS.ProcessEnv {
  return { ...keys.envOf(caller) }
}

/** To call a service that was given `callerEnv`. */
export async function callerCredentials(caller: Caller): Promise<CallerCredentials> {
  return heldCredentials(await keys.heldBy(caller))
}
