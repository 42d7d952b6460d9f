/** What somebody wrote moves no cursor and colours nothing. */
export function visible(text: string): string {
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]+$/u.test(text) ? text : JSON.stringify(text)
}
