/** A name of the IANA list, old ones included: Intl.supportedValuesOf leaves names out that are in use, Asia/Kolkata among them. */
export function isTimeZone(name: string): boolean {
  try {
    return Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
  } catch {
    return false
  }
}
