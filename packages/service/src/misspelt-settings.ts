import { closestMatch } from 'leven'

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
      const meant = closestMatch(variable.toUpperCase(), candidates, { maxDistance: EDITS_MAX })
      return meant === undefined ? [] : [{ variable, meant }]
    })
}
