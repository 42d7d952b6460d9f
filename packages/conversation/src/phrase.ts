/** More marks on one letter than any script sets; what is stacked higher reaches into the lines above and below. */
const MARKS_MAX = 5
const STACK = new RegExp(String.raw`((?:\p{M}\p{Cf}*){${MARKS_MAX}})(?:\p{M}\p{Cf}*)+`, 'gu')

/** Nobody's letter grows out of its bubble. */
export function clampMarks(text: string): string {
  return text.replace(STACK, '$1')
}

const DIRECTION_CONTROLS = /[\u202a-\u202e\u2066-\u2069]/g

/**
 * Somebody's words within a sentence of ours: on one line, so that they forge no other, and without a direction that would hold for the
 * rest of it.
 */
export function asPhrase(text: string): string {
  return clampMarks(text)
    .replaceAll(DIRECTION_CONTROLS, '')
    .replaceAll(/[\s\u0085]+/g, ' ')
    .trim()
}
