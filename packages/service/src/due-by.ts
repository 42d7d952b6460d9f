/**
 * A filter for what is due, or whose lease is over: nobody's clock is the store's. What lies further ahead than anybody ever sets it was set before
 * a clock went back: who waited for it would do nothing meanwhile.
 */
export const dueBy = <Field extends string>(field: Field, now: Date, aheadMaxMs: number) => {
  const where = (time: { readonly $lte: Date } | { readonly $gt: Date }) =>
    ({ [field]: time }) as Record<Field, typeof time>
  return { $or: [where({ $lte: now }), where({ $gt: new Date(now.getTime() + aheadMaxMs) })] }
}
