import { type Attributes, metrics } from '@opentelemetry/api'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http'
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus'
import {
  AggregationTemporality,
  AggregationType,
  type IMetricReader,
  InstrumentType,
  MeterProvider,
  MetricReader,
  PeriodicExportingMetricReader,
  type ViewOptions,
} from '@opentelemetry/sdk-metrics'
import { observeRuntime } from './runtime-metrics.ts'
import { otlpEndpoint, telemetryResource } from './otlp.ts'

export interface Metrics {
  /** All instruments as they stand now, in Prometheus' text format. */
  scrape(): Promise<string>
  /** Sends what is left and stops. Never rejects: telemetry must not fail a shutdown. */
  shutdown(): Promise<void>
}

const PUSH_EVERY_MS = 15_000

/** Every histogram of a unit has the same buckets, so that those of several services can be added. */
const BUCKETS: Readonly<Record<string, readonly number[]>> = {
  s: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  '{record}': [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000],
}

const views: ViewOptions[] = Object.entries(BUCKETS).map(([instrumentUnit, boundaries]) => ({
  instrumentType: InstrumentType.HISTOGRAM,
  instrumentUnit,
  aggregation: {
    type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM,
    options: { boundaries: [...boundaries] },
  },
}))

/**
 * A gauge tells what is, so of what is no longer observed nothing is told: cumulated, the lag of a partition that went to another replica
 * would stand in this one's metrics until it ends.
 */
const temporalityOf = (instrument: InstrumentType): AggregationTemporality =>
  instrument === InstrumentType.OBSERVABLE_GAUGE
    ? AggregationTemporality.DELTA
    : AggregationTemporality.CUMULATIVE

class PushExporter extends OTLPMetricExporter {
  override selectAggregationTemporality(instrument: InstrumentType): AggregationTemporality {
    return temporalityOf(instrument)
  }
}

/** Collects when asked, and at no other time. */
class ScrapeReader extends MetricReader {
  constructor() {
    super({ aggregationTemporalitySelector: temporalityOf })
  }
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

/**
 * Registers metrics for the process: to be scraped, and pushed (OTLP over HTTP) when OTEL_EXPORTER_OTLP_ENDPOINT is set.
 * Call it before anything makes an instrument: the API hands out instruments that measure nothing until then, and they stay so.
 */
export function startMetrics(name: string, env: NodeJS.ProcessEnv = process.env): Metrics {
  const scraped = new ScrapeReader()
  const readers: IMetricReader[] = [scraped]
  const endpoint = otlpEndpoint(env)
  if (endpoint !== undefined)
    readers.push(
      new PeriodicExportingMetricReader({
        exporter: new PushExporter({ url: `${endpoint}/v1/metrics` }),
        exportIntervalMillis: PUSH_EVERY_MS,
        exportTimeoutMillis: PUSH_EVERY_MS / 3,
      }),
    )
  const provider = new MeterProvider({ resource: telemetryResource(name), readers, views })
  metrics.setGlobalMeterProvider(provider)
  observeRuntime(metrics.getMeter('@parley/service'))
  const serializer = new PrometheusSerializer()
  return {
    async scrape() {
      const { resourceMetrics } = await scraped.collect()
      return `${serializer.serialize(resourceMetrics).trimEnd()}\n`
    },
    shutdown: () => provider.shutdown().catch(() => {}),
  }
}

/** A histogram of seconds. `attributes`: names of routes and methods, codes; never an id, of which there are too many. */
export function durations(
  name: string,
  description: string,
): (beganAtMs: number, attributes: Attributes) => void {
  const histogram = metrics.getMeter('@parley/service').createHistogram(name, { unit: 's', description })
  return (beganAtMs, attributes) => histogram.record((performance.now() - beganAtMs) / 1_000, attributes)
}
