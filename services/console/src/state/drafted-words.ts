/**
 * The lines that another desk wrote and this one did not.
 * @param ours as it stands here
 * @param before as this desk knew it last: what is missing by now was written over here, or was sent
 */
export function newsIn(theirs: string, ours: string, before: string): string {
  const had = new Set([...linesIn(before), ...linesIn(ours)])
  return theirs
    .split('\n')
    .filter((line) => line.trim() === '' || !had.has(line.trim()))
    .join('\n')
    .trim()
}

const linesIn = (text: string): readonly string[] => text.split('\n').map((line) => line.trim())

/** @returns what is left of a draft that consists of these words, or begins with them as lines of their own; otherwise all of it */
export function restBehind(draft: string, words: string): string {
  const text = draft.trim()
  if (words === '' || !text.startsWith(words)) return draft
  const rest = text.slice(words.length)
  return rest === '' || /^[^\S\n]*\n/.test(rest) ? rest.trimStart() : draft
}
