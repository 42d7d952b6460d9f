import type { Roster } from '@parley/people'
import type { Permits } from '@parley/service'

/** What the agent service may have done here for a person. */
const FOR_PEOPLE = new Set([
  '/parley.gateway.v1.GatewayService/BlockContact',
  '/parley.gateway.v1.GatewayService/UnblockContact',
])

/**
 * Asks once more whether there is such a person: by people.yaml alone, so that the gateway depends on nobody to know it. What they may,
 * with what operators changed since, the agent service knows: it could name another person of people.yaml as well, so that to ask for the
 * roles of the file here would stop nobody but those who have theirs from an operator.
 */
export const permitsOf =
  ({ people }: Pick<Roster, 'people'>): Permits =>
  (id, path) =>
    FOR_PEOPLE.has(path) && people.has(id)
