import { type ObservableResult, metrics } from '@opentelemetry/api'
import { StreamGap } from '@parley/kernel'
import { LogGap } from '../errors.ts'
import type { Subscription } from '../log.ts'
import type { FaultSearch } from './fault-search.ts'

/** Seen from outside: docs/reference/telemetry.md. Made when the reader starts, never before: see `startMetrics` of packages/service. */
export class ReaderMetrics {
  readonly #attributes: { readonly 'parley.reader': string }
  readonly #superseded
  readonly #stop: () => void

  constructor(name: string, reader: Pick<Subscription, 'lag' | 'stuck'> & { readonly parkedCount: number }) {
    const meter = metrics.getMeter('@parley/eventlog')
    this.#attributes = { 'parley.reader': name }
    this.#superseded = meter.createCounter('parley.reader.superseded', { unit: '{record}' })
    const parked = meter.createObservableGauge('parley.reader.parked', { unit: '{stream}' })
    const observeParked = (result: ObservableResult) => result.observe(reader.parkedCount, this.#attributes)
    parked.addCallback(observeParked)
    const stopProgress = observeProgress(name, reader)
    this.#stop = () => {
      parked.removeCallback(observeParked)
      stopProgress()
    }
  }

  superseded(count: number): void {
    if (count > 0) this.#superseded.add(count, this.#attributes)
  }

  end(): void {
    this.#stop()
  }
}

/** The same, and gaps among the faults are counted: each ends the process, so the code of its fatal line is what alarms. */
export function countingGaps(name: string, onFault: (error: Error) => void): (error: Error) => void {
  const gaps = metrics.getMeter('@parley/eventlog').createCounter('parley.reader.gaps', { unit: '{gap}' })
  return (error) => {
    if (error instanceof StreamGap || error instanceof LogGap) gaps.add(1, { 'parley.reader': name })
    onFault(error)
  }
}

/**
 * The same member, seen from outside: how far it is behind, and where it gets no further, until it is stopped. Nothing is asked for it but
 * what the log said anyway.
 * @param name Of the reader; a decider host has one too.
 * @param faults names the stream where it gets no further
 */
export function observed(name: string, member: Subscription, faults?: FaultSearch): Subscription {
  const end = observeProgress(name, member)
  return {
    assigned: () => member.assigned(),
    isReady: () => member.isReady(),
    stuck: () => member.stuck().map((stuck) => faults?.named(stuck) ?? stuck),
    lag: () => member.lag(),
    async stop() {
      await member.stop()
      end()
    },
  }
}

function observeProgress(name: string, member: Pick<Subscription, 'lag' | 'stuck'>): () => void {
  const meter = metrics.getMeter('@parley/eventlog')
  const records = meter.createObservableGauge('parley.reader.lag.records', { unit: '{record}' })
  const seconds = meter.createObservableGauge('parley.reader.lag.seconds', { unit: 's' })
  const stuck = meter.createObservableGauge('parley.reader.stuck', { unit: '{partition}' })
  const instruments = [records, seconds, stuck]
  const observe: Parameters<typeof meter.addBatchObservableCallback>[0] = (result) => {
    for (const lag of member.lag()) {
      const attributes = { 'parley.reader': name, 'parley.partition': lag.partition }
      result.observe(records, Number(lag.records), attributes)
      result.observe(seconds, lag.seconds, attributes)
    }
    result.observe(stuck, member.stuck().length, { 'parley.reader': name })
  }
  meter.addBatchObservableCallback(observe, instruments)
  return () => meter.removeBatchObservableCallback(observe, instruments)
}
