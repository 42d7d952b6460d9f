/** What the work gives, or `late` once it took longer than this; the work itself goes on, and whatever it throws later is not heard. */
export async function inTime<Result>(work: Promise<Result>, budgetMs: number): Promise<Result | 'late'> {
  const { promise: late, resolve } = Promise.withResolvers<'late'>()
  const timer = setTimeout(resolve, budgetMs, 'late')
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
