import type { FaultPlan } from '../faults/faults.ts'
import type { Posted, WebhookDelivery } from './delivery.ts'

interface Held {
  readonly release: () => void
  readonly timer: NodeJS.Timeout
}

const heldBackLongestMs = 1_000

/** Webhooks on their way to the product as the faults of the moment would have it: twice, and one behind the next. */
export const faultyLanes = (delivery: WebhookDelivery, random: () => number) => {
  const heldBack = new Map<string, Held>()
  /** Copies to come. */
  let due = 0
  let era = 0

  const letOvertaken = (lane: string): void => {
    const held = heldBack.get(lane)
    if (held === undefined) return
    heldBack.delete(lane)
    clearTimeout(held.timer)
    held.release()
  }

  const copySoon = (copy: () => void): void => {
    const bornIn = era
    due += 1
    setTimeout(
      () => {
        if (era !== bornIn) return
        due -= 1
        copy()
      },
      5 + random() * 300,
    ).unref()
  }

  return {
    post: (
      kind: 'message' | 'status',
      customerKeys: readonly string[],
      body: Buffer,
      faults: FaultPlan | undefined,
    ): Posted => {
      const customerKey = customerKeys[0] ?? ''
      const lane = `${kind}/${customerKey}`
      if (faults === undefined) return delivery.post(lane, customerKeys, body)

      if (faults.strikes('duplicate', customerKey)) {
        const copy = (): void => void delivery.post(undefined, customerKeys, body)
        if (random() < 0.5) copy()
        else copySoon(copy)
      }
      if (heldBack.has(lane)) {
        const posted = delivery.post(lane, customerKeys, body)
        void posted.tried.then(() => letOvertaken(lane))
        return posted
      }
      if (!faults.strikes('reorder', customerKey)) return delivery.post(lane, customerKeys, body)

      const tried = Promise.withResolvers<void>()
      const delivered = Promise.withResolvers<void>()
      heldBack.set(lane, {
        release: () => {
          const posted = delivery.post(undefined, customerKeys, body)
          void posted.tried.then(tried.resolve)
          void posted.delivered.then(delivered.resolve)
        },
        timer: setTimeout(() => letOvertaken(lane), heldBackLongestMs),
      })
      return { tried: tried.promise, delivered: delivered.promise }
    },
    /** What is held back waits for nothing any more. */
    letGo: (): void => {
      for (const lane of heldBack.keys()) letOvertaken(lane)
    },
    /** Webhooks that the product has not taken yet. */
    pending: (): number => delivery.pending() + heldBack.size + due,
    clear: (): void => {
      era += 1
      due = 0
      delivery.clear()
      for (const { timer } of heldBack.values()) clearTimeout(timer)
      heldBack.clear()
    },
  }
}
