/** Nothing is ever offered to them: they are in the pool, without a capacity, while they have something that they took over. */
export const isOnlySupervisor = ({ capacity }: { readonly capacity: number }): boolean => capacity === 0
