import type { PoolConfiguration } from '@parley/proto/workforce-configuration'

/** What would be another configuration, a line each; none: they are the same, and there is nothing to put into force. */
export function differences(
  before: PoolConfiguration | undefined,
  after: PoolConfiguration,
): readonly string[] {
  if (before?.hash === after.hash) return []
  const lines = [
    ...ofFields('', settingsOf(before), settingsOf(after)),
    ...ofNamed('queue', before?.queues ?? [], after.queues, ({ name }) => name),
    ...ofNamed('agent', before?.agents ?? [], after.agents, ({ id }) => id),
    ...ofNamed('alert', before?.alerts ?? [], after.alerts, ({ name }) => name),
    ...ofNamed('time zone', before?.zones ?? [], after.zones, ({ name }) => name),
    ...ofNamed('flow', before?.flows ?? [], after.flows, ({ id }) => id),
  ]
  // Of queues the first takes what names none.
  return lines.length > 0 ? lines : ['~ the order in which queues, agents and the like are listed']
}

function settingsOf(configuration: PoolConfiguration | undefined): object {
  const { graceSeconds, outageGraceSeconds, offerAgainSeconds, stickySeconds } = configuration ?? {}
  const { reopenSeconds, targets } = configuration ?? {}
  return { graceSeconds, outageGraceSeconds, offerAgainSeconds, stickySeconds, reopenSeconds, targets }
}

function ofNamed<Item extends object>(
  what: string,
  before: readonly Item[],
  after: readonly Item[],
  nameOf: (item: Item) => string,
): readonly string[] {
  const old = new Map(before.map((item) => [nameOf(item), item]))
  const names = new Set(after.map(nameOf))
  return [
    ...after.flatMap((item) => {
      const known = old.get(nameOf(item))
      return known === undefined
        ? [`+ ${what} ${nameOf(item)}`]
        : ofFields(`${what} ${nameOf(item)} `, known, item)
    }),
    ...before.filter((item) => !names.has(nameOf(item))).map((item) => `- ${what} ${nameOf(item)}`),
  ]
}

function ofFields(of: string, before: object, after: object): readonly string[] {
  return Object.entries(after).flatMap(([field, value]) => {
    if (field === '_unknownFields') return []
    const known = Object.hasOwn(before, field) ? (before as Record<string, unknown>)[field] : undefined
    const [from, to] = [wordsOf(known), wordsOf(value)]
    return from === to ? [] : [`~ ${of}${field}: ${from} → ${to}`]
  })
}

function wordsOf(value: unknown): string {
  if (value === undefined) return 'nothing'
  return JSON.stringify(value, (key, part: unknown) => (key === '_unknownFields' ? undefined : part))
}
