import { randomBytes } from 'node:crypto'
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources'
import { z } from 'zod'
import { setting } from '../settings.ts'

/** Over HTTP: without `http:` the port of gRPC is meant, 4317, to which nothing here would come through. */
const endpointAddress = z.url({ protocol: /^https?$/ })

export const otlpSetting = setting(
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  endpointAddress.optional(),
  'where spans and metrics are sent by OTLP over HTTP, for example http://collector:4318',
)

/** Where spans and metrics are sent, without a slash at its end; undefined: nowhere. A wrong one is reported with the other settings. */
export function otlpEndpoint(env: NodeJS.ProcessEnv): string | undefined {
  const { data } = endpointAddress.safeParse(env['OTEL_EXPORTER_OTLP_ENDPOINT']?.trim())
  return data?.replace(/\/+$/, '')
}

/** One for the whole process, so that its spans and its metrics are known to be of one instance. */
const INSTANCE_ID = randomBytes(8).toString('hex')

/** Who tells: the same for spans and metrics. */
export function telemetryResource(name: string): Resource {
  return resourceFromAttributes({
    'service.name': `parley-${name}`,
    'service.namespace': 'parley',
    'service.instance.id': INSTANCE_ID,
    'process.pid': process.pid,
  })
}
