import { type Roster, permissionsOf } from '@parley/people'
import type { Permits } from '@parley/service'

/** What the agent service may have done here for a person. */
const FOR_PEOPLE = new Set([
  '/parley.gateway.v1.GatewayService/BlockContact',
  '/parley.gateway.v1.GatewayService/UnblockContact',
])

/**
 * Asks once more whether the person may: by people.yaml alone, so that the gateway depends on nobody to know it. What operators changed
 * since counts where the person comes in, at the agent service.
 */
export const permitsOf =
  ({ people }: Pick<Roster, 'people'>): Permits =>
  (id, path) =>
    FOR_PEOPLE.has(path) && permissionsOf(people.get(id)?.roles ?? []).includes('conversations.answer')
