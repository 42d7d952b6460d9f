/** The tests that have to notice a break. */
export interface Catcher {
  readonly project: 'unit' | 'integration' | 'e2e'
  /** The file that holds them. */
  readonly path: string
  /** A part of the names of those that are run. Default: all of the file. */
  readonly tests?: string
}

/** A deliberate break of the code that a guarantee rests on, and the test file that has to fail because of it. */
export interface Mutant {
  readonly name: string
  /** What no longer holds. */
  readonly breaks: string
  readonly file: string
  /** Stands exactly once in the file. */
  readonly before: string
  readonly after: string
  readonly caughtBy: Catcher
}

export const unit = (path: string, tests?: string): Catcher => catcher('unit', path, tests)
export const integration = (path: string, tests?: string): Catcher => catcher('integration', path, tests)

function catcher(project: Catcher['project'], path: string, tests: string | undefined): Catcher {
  return { project, path, ...(tests === undefined ? {} : { tests }) }
}
