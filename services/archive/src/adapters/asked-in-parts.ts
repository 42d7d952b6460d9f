/** Ids of one question. What is on record decides how many there are: of all those of a long one a question would be larger than the store takes (16 MB). */
const ASKED_AT_ONCE = 10_000

/** All that is found of these ids, part by part. */
export async function askedInParts<Found>(
  ids: readonly string[],
  ask: (ids: readonly string[]) => Promise<readonly Found[]>,
): Promise<readonly Found[]> {
  const found: Found[] = []
  for (let from = 0; from < ids.length; from += ASKED_AT_ONCE)
    found.push(...(await ask(ids.slice(from, from + ASKED_AT_ONCE))))
  return found
}
