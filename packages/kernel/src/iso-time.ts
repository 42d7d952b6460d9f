let lastMillis = 0
let lastTime = new Date(lastMillis).toISOString()

/** ISO 8601 UTC with milliseconds. Records that came together often have one time, and writing it out costs a microsecond. */
export function isoTime(millis: number): string {
  if (millis !== lastMillis) {
    lastTime = new Date(millis).toISOString()
    lastMillis = millis
  }
  return lastTime
}
