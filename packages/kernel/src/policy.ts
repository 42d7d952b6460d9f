import type { AdoptPolicy, PolicyAdopted } from '@parley/proto/envelope'
import type { Decider } from './decider.ts'
import { sha256 } from './envelope.ts'
import { type CommonCommand, type CommonEvent, defineFamily } from './family.ts'

/** What the rules of a partition decide by, from which place of its commands topic on. */
export interface Adoption {
  /** The place of the command that adopted it. */
  readonly from: number
  readonly hash: string
  readonly policy: unknown
}

/** Commands come again after a crash, from before the last adoption: what held then must still be known. */
const ADOPTIONS_REMEMBERED = 8

/**
 * Configuration is adopted by a command, in a stream of its own in each partition, so that the same log decided anew gives the same
 * bytes, whatever the files say then. State: the adoptions, oldest first.
 */
export const policyDecider: Decider<
  readonly Adoption[],
  CommonCommand,
  Extract<CommonEvent, { type: 'PolicyAdopted' }>
> = {
  family: {
    ...defineFamily({ name: 'policy', commands: {}, events: {} }),
    isFolded: (type: string) => type === 'PolicyAdopted',
  },
  version: 1,
  commandsRemembered: 0,
  initialState: () => [],
  decide: ({ data }, adoptions) => ({
    events: adoptions.at(-1)?.hash === data.hash ? [] : [{ type: 'PolicyAdopted', data }],
  }),
  evolve: (adoptions, { data, commandOffset }) =>
    [...adoptions, { from: Number(commandOffset), hash: data.hash, policy: readPolicy(data) }].slice(
      -ADOPTIONS_REMEMBERED,
    ),
}

/**
 * What holds for the command at this place. The first policy of a partition holds from its beginning: commands that came before it
 * wait for it.
 */
export function policyAt(adoptions: readonly Adoption[], offset: bigint): unknown {
  return (adoptions.findLast(({ from }) => from <= offset) ?? adoptions[0])?.policy
}

/** The JSON of a policy, the same bytes for the same values, and its hash. */
export function policyBytes(policy: unknown): AdoptPolicy {
  const bytes = Buffer.from(JSON.stringify(policy))
  return { hash: sha256(bytes).toString('hex'), policy: bytes }
}

export function readPolicy({ policy }: AdoptPolicy | PolicyAdopted): unknown {
  return JSON.parse(Buffer.from(policy).toString('utf8'))
}
