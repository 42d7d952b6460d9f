const MINUTE_MS = 60_000

/** When what is put off comes back. @param picked so many minutes from now, or `tomorrow`, at nine by the clock of whoever puts it off */
export function snoozedUntil(picked: string, nowMs: number): Date {
  // Minutes that pass, not those that a clock shows: in the night in which it is set back an hour would take two, or be over before it began.
  if (picked !== 'tomorrow') return new Date(nowMs + Number(picked) * MINUTE_MS)
  const until = new Date(nowMs)
  until.setDate(until.getDate() + 1)
  until.setHours(9, 0, 0, 0)
  return until
}
