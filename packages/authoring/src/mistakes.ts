import { didYouMean } from './did-you-mean.ts'
import type { YamlPath } from './yaml-file.ts'

/** What a part of a file is not, as a schema of zod says it. */
interface Issue {
  readonly code?: string | undefined
  readonly path: YamlPath
  readonly message: string
  readonly keys?: readonly string[]
}

/** A part of a file that cannot be used: where it stands, by its key or its value, and why. */
interface FileMistake {
  readonly path: YamlPath
  readonly by: 'key' | 'value'
  readonly why: string
}

/**
 * Each key that the schema does not know is a mistake of its own, with the one that may have been meant.
 * @param known all keys of the schema, wherever they stand
 */
export const mistakesOf = (issues: readonly Issue[], known: readonly string[]): FileMistake[] =>
  issues.flatMap(({ code, path, message, keys = [] }): FileMistake[] =>
    code === 'unrecognized_keys'
      ? keys.map((key) => ({
          path: [...path, key],
          by: 'key',
          why: `there is no "${key}" here${known.includes(key) ? '' : didYouMean(key, known)}`,
        }))
      : [{ path, by: 'value', why: message.endsWith('received undefined') ? 'it is missing' : message }],
  )
