import type { Wallboard } from './shapes.ts'

/** Of what a figure of the day is. */
export interface Whose {
  readonly by: '' | 'queue' | 'team' | 'vendor' | 'flow'
  readonly keys: readonly string[]
}

/** Whose the numbers of the tiles are, as the service adds them up: of the queues for waits, of a team or vendor for what was handled. @param team of who looks */
export function whoseTotals(
  search: string,
  team: string | null,
  { seesAll, queues }: Pick<Wallboard, 'seesAll' | 'queues'> = { seesAll: false, queues: [] },
): Readonly<Record<'waits' | 'handled' | 'robot', Whose>> {
  const asked = new URLSearchParams(search)
  const narrowed = (by: Exclude<Whose['by'], ''>, own: string | null = null): Whose | undefined => {
    const key = asked.get(by) ?? own
    return key === null ? undefined : { by, keys: [key] }
  }
  const robot = narrowed('flow') ?? { by: '', keys: [] }
  const isNarrowed = ['queue', 'team', 'vendor'].some((name) => asked.has(name))
  if (seesAll && !isNarrowed) return { waits: { by: '', keys: [] }, handled: { by: '', keys: [] }, robot }
  const ofQueues: Whose = narrowed('queue') ?? { by: 'queue', keys: queues.map(({ name }) => name) }
  const handled =
    narrowed('queue') ?? narrowed('vendor') ?? narrowed('team', seesAll ? null : team) ?? ofQueues
  return { waits: ofQueues, handled, robot }
}
