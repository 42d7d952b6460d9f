/** Where a partition goes on, or begins: see `resumeAt` and `beginAt` of SubscribeOptions. */
export function placeOf(
  committed: bigint | undefined,
  kept: bigint | undefined,
  begun: bigint | undefined,
): bigint {
  if (committed === undefined) return begun ?? 0n
  return kept !== undefined && kept < committed ? kept : committed
}
