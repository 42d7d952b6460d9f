/** More marks on one letter than any script sets; what is stacked higher reaches into the lines above and below. */
const MARKS_MAX = 5
const STACK = new RegExp(String.raw`((?:\p{M}\p{Cf}*){${MARKS_MAX}})(?:\p{M}\p{Cf}*)+`, 'gu')

/** Nobody's letter grows out of its bubble. */
export function clampMarks(text: string): string {
  return text.replace(STACK, '$1')
}

/**
 * What is as wide as letters and shows nothing: forty of them begin another line as well as a line break does. With them what nobody sees between
 * them, or one in two would keep the others apart.
 */
const BLANKS =
  /[\s\u0085\u115f\u1160\u2800\u3164\uffa0\u{1d159}][\s\u0085\u115f\u1160\u2800\u3164\uffa0\u{1d159}\p{Default_Ignorable_Code_Point}\p{Cf}]*/gu

const DIRECTION_CONTROLS = /[\u202a-\u202e\u2066-\u2069]/g

/**
 * Somebody's words within a sentence of ours: on one line, so that they forge no other, and without a direction that would hold for the
 * rest of it.
 */
export function asPhrase(text: string): string {
  return clampMarks(text).replaceAll(DIRECTION_CONTROLS, '').replaceAll(BLANKS, ' ').trim()
}
