/** What tells whether a word is one of these. */
export function oneOf<Word extends string>(words: readonly Word[]): (word: string) => word is Word {
  const known: ReadonlySet<string> = new Set(words)
  return (word): word is Word => known.has(word)
}

/** What tells whether an event, or a wish, is of one of these types. */
export function ofTypes<Type extends string>(
  types: readonly Type[],
): <Typed extends { readonly type: string }>(
  typed: Typed,
) => typed is Extract<Typed, { readonly type: Type }> {
  const isKnown = oneOf(types)
  return <Typed extends { readonly type: string }>(
    typed: Typed,
  ): typed is Extract<Typed, { readonly type: Type }> => isKnown(typed.type)
}
