/** What went wrong, why, and how to put it right, under a code that stays the same (docs/reference/errors.md). */
export class StackFault extends Error {
  readonly code: string
  readonly why: string
  readonly fix: string

  constructor(code: string, what: string, detail: { why: string; fix: string }, cause?: unknown) {
    // Whoever prints it as any other error sees why, too.
    super(what, { cause: cause ?? new Error(detail.why) })
    this.name = 'StackFault'
    this.code = code
    this.why = detail.why
    this.fix = detail.fix
  }
}

export { explained as describeFault } from '@parley/authoring'

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Does the work; what it throws is why it failed, unless that says why by itself. */
export const orFault = async <Result>(
  { code, what, fix }: { code: string; what: string; fix: string },
  work: () => Promise<Result>,
): Promise<Result> => {
  try {
    return await work()
  } catch (error) {
    if (error instanceof StackFault) throw error
    throw new StackFault(code, what, { why: reasonOf(error), fix }, error)
  }
}

/** What the system calls it. */
export const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code
