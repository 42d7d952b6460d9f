/** What the record itself has under the key, and nothing that all objects have: queues, agents and names from outside may be called `constructor`. */
export function entryOf<Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}
