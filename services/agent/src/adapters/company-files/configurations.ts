import { createHash } from 'node:crypto'
import type { RecordAct } from '@parley/service'

/**
 * Nobody is let in, and nothing is shown, by a configuration that is not on record. A start that cannot tell of it ends, and the next one
 * tells; the rules of the audit record it once, however often it is told.
 * @param configurations what this service read at its start, by name
 */
export async function tellConfigurations(
  record: RecordAct,
  configurations: Readonly<Record<string, unknown>>,
): Promise<void> {
  const told = Object.entries(configurations).map(([id, configuration]) =>
    record({
      type: 'configuration_changed',
      person: null,
      subject: { kind: 'configuration', id },
      fields: { digest: digestOf(configuration) },
    }),
  )
  await Promise.all(told)
}

function digestOf(configuration: unknown): string {
  const text = JSON.stringify(configuration, (_key, value: unknown) =>
    value instanceof Map || value instanceof Set ? [...value] : value,
  )
  return createHash('sha256').update(text).digest('hex')
}
