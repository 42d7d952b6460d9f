/** Where a partition goes on: see `resumeAt` of SubscribeOptions. */
export function earlier(committed: bigint, kept: bigint | undefined): bigint {
  return kept !== undefined && kept < committed ? kept : committed
}
