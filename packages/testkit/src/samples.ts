import { startMetrics } from '@parley/service'

/** Samples by their labels as they stand in the text, without those of the scope. */
export type Samples = Readonly<Record<string, number>>

/** The samples of one metric, in Prometheus' text format. */
export function samplesIn(scraped: string, metric: string): Samples {
  const lines = scraped.split('\n').filter((line) => line.startsWith(`${metric}{`))
  return Object.fromEntries(
    lines.map((line) => {
      const [, labels = '', value] = /\{(.*)\} (.*)$/.exec(line)!
      return [labels.replace(/,?otel_scope_name="[^"]*"/, ''), Number(value)]
    }),
  )
}

/** To be called before anything of the test makes an instrument: what was made before measures nothing. */
export function measuring(): (metric: string) => Promise<Samples> {
  const metrics = startMetrics('test', {})
  return async (metric) => samplesIn(await metrics.scrape(), metric)
}
