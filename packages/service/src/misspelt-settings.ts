/** The environment, and the names that were asked of it. */
export function noted(env: NodeJS.ProcessEnv): {
  readonly env: NodeJS.ProcessEnv
  readonly asked: ReadonlySet<string>
} {
  const asked = new Set<string>()
  const get = (target: NodeJS.ProcessEnv, name: string | symbol): unknown => {
    if (typeof name === 'string') asked.add(name)
    return Reflect.get(target, name)
  }
  return { env: new Proxy(env, { get }), asked }
}

interface Misspelt {
  readonly variable: string
  readonly meant: string
}

const EDITS_MAX = 2
/** In shorter names two letters are half of what tells one from another. */
const LENGTH_MIN = 8

/**
 * Variables that nothing asks for and that differ by a slip of the fingers from one that is asked for: its default is in force, and whoever set
 * it believes otherwise. What is unlike all of ours is somebody else's, as the names of services that Kubernetes gives.
 */
export function misspelt(names: readonly string[], asked: ReadonlySet<string>): readonly Misspelt[] {
  const candidates = [...asked].filter((name) => name.length >= LENGTH_MIN)
  return names
    .filter((variable) => variable.length >= LENGTH_MIN && !asked.has(variable))
    .flatMap((variable) => {
      const edits = candidates.map((name) => differsBy(variable.toUpperCase(), name))
      const least = Math.min(...edits)
      return least > EDITS_MAX ? [] : [{ variable, meant: candidates[edits.indexOf(least)]! }]
    })
}

/** Letters to add, to leave out, or to change; as far as anybody asks here. https://en.wikipedia.org/wiki/Levenshtein_distance */
function differsBy(one: string, other: string): number {
  if (Math.abs(one.length - other.length) > EDITS_MAX) return Number.POSITIVE_INFINITY
  let before = Array.from({ length: other.length + 1 }, (_, at) => at)
  for (let row = 1; row <= one.length; row += 1) {
    const now = [row]
    for (let at = 1; at <= other.length; at += 1)
      now.push(
        Math.min(
          before[at]! + 1,
          now[at - 1]! + 1,
          before[at - 1]! + (one[row - 1] === other[at - 1] ? 0 : 1),
        ),
      )
    before = now
  }
  return before[other.length]!
}
