import { type PerformanceEntry, PerformanceObserver, constants, monitorEventLoopDelay } from 'node:perf_hooks'
import { getHeapSpaceStatistics } from 'node:v8'
import type { Meter } from '@opentelemetry/api'

/** Between two looks at the event loop; a look costs about 0.1 ms of processor in an idle process. */
const LOOK_EVERY_MS = 50

const GC_KINDS: Readonly<Record<number, string>> = {
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'major',
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'minor',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'weakcb',
}

/**
 * The process itself, by OpenTelemetry's names. https://opentelemetry.io/docs/specs/semconv/runtime/nodejs-metrics/
 * Ours instead of @opentelemetry/instrumentation-runtime-node, which brings hooks into every import and looks at the loop a hundred times a second.
 */
export function observeRuntime(meter: Meter): void {
  observeMemory(meter)
  observeProcessor(meter)
  observeEventLoop(meter)
  observeGarbageCollection(meter)
}

function observeMemory(meter: Meter): void {
  meter
    .createObservableUpDownCounter('process.memory.usage', { unit: 'By', description: 'Resident memory.' })
    .addCallback((result) => result.observe(process.memoryUsage.rss()))
  const used = meter.createObservableUpDownCounter('v8js.memory.heap.used', {
    unit: 'By',
    description: 'Heap in use, by space.',
  })
  meter.addBatchObservableCallback(
    (result) => {
      for (const { space_name, space_used_size } of getHeapSpaceStatistics())
        if (space_used_size > 0) result.observe(used, space_used_size, { 'v8js.heap.space.name': space_name })
    },
    [used],
  )
}

function observeProcessor(meter: Meter): void {
  meter
    .createObservableCounter('process.cpu.time', { unit: 's', description: 'Processor time used, by mode.' })
    .addCallback((result) => {
      const { user, system } = process.cpuUsage()
      result.observe(user / 1e6, { 'cpu.mode': 'user' })
      result.observe(system / 1e6, { 'cpu.mode': 'system' })
    })
  meter
    .createObservableGauge('nodejs.eventloop.utilization', {
      unit: '1',
      description: 'Share of the time that the event loop was busy, since the process began.',
    })
    .addCallback((result) => result.observe(performance.eventLoopUtilization().utilization))
}

/** Watches from the first collection on, so that a process that nobody collects from is not woken for it. */
function observeEventLoop(meter: Meter): void {
  const looks = monitorEventLoopDelay({ resolution: LOOK_EVERY_MS })
  const late = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e9 - LOOK_EVERY_MS / 1e3)
  const since = 'of the event loop since the collection before.'
  const p50 = meter.createObservableGauge('nodejs.eventloop.delay.p50', {
    unit: 's',
    description: `Median delay ${since}`,
  })
  const p99 = meter.createObservableGauge('nodejs.eventloop.delay.p99', {
    unit: 's',
    description: `99th percentile of the delay ${since}`,
  })
  const max = meter.createObservableGauge('nodejs.eventloop.delay.max', {
    unit: 's',
    description: `Longest delay ${since}`,
  })
  meter.addBatchObservableCallback(
    (result) => {
      if (looks.enable() || looks.count === 0) return
      result.observe(p50, late(looks.percentile(50)))
      result.observe(p99, late(looks.percentile(99)))
      result.observe(max, late(looks.max))
      looks.reset()
    },
    [p50, p99, max],
  )
}

function observeGarbageCollection(meter: Meter): void {
  const pauses = meter.createHistogram('v8js.gc.duration', {
    unit: 's',
    description: 'Time that garbage collections took, by kind.',
  })
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { kind } = (entry as PerformanceEntry & { detail: { kind: number } }).detail
      pauses.record(entry.duration / 1_000, { 'v8js.gc.type': GC_KINDS[kind] ?? 'unknown' })
    }
  }).observe({ entryTypes: ['gc'] })
}
