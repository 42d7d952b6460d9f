/**
 * What may be shown of an address of MongoDB: its hosts, which may be several and are no URL then. Never its user and password, also where
 * they hold signs that had to be escaped: they end with the last @.
 */
export function hostsOf(uri: string): string {
  const behind = uri.slice(uri.lastIndexOf('@') + 1).replace(/^mongodb(\+srv)?:\/\//, '')
  return /^[^/?]+/.exec(behind)?.[0] ?? 'the given address'
}
